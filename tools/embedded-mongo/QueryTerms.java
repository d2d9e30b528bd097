import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.backend.Utils;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.bson.ObjectId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** What a query says of one field, as far as an index can use it. Whatever is not understood here is not used. */
final class QueryTerms {
  private static final Set<String> BOUNDS = Set.of("$gt", "$gte", "$lt", "$lte");
  /** Places of an index that are looked up for one query. */
  private static final int MOST = 10_000;

  private QueryTerms() {}

  /** Null = no bound on that side. */
  record Range(Object low, Object high) {
    static final Range ALL = new Range(null, null);

    boolean isAll() {
      return low == null && high == null;
    }
  }

  /** @return the values that the field must have one of; null = the query does not say */
  static List<Object> equal(Document query, String field) {
    if (!query.containsKey(field)) return null;
    Object value = query.get(field);
    if (value instanceof Document terms) {
      if (terms.size() != 1) return null;
      if (terms.get("$in") instanceof Collection<?> values) return usable(values, field);
      return terms.containsKey("$eq") ? usable(Arrays.asList(terms.get("$eq")), field) : null;
    }
    return usable(Arrays.asList(value), field);
  }

  private static List<Object> usable(Collection<?> values, String field) {
    List<Object> plain = new ArrayList<>();
    for (Object value : values) {
      boolean absent = Missing.isNullOrMissing(value);
      if (absent ? field.contains(".") : !isPlain(value)) return null;
      plain.add(absent ? null : value instanceof Number number ? Utils.normalizeNumber(number) : value);
    }
    return plain;
  }

  private static boolean isPlain(Object value) {
    return value instanceof String
        || value instanceof Number
        || value instanceof Boolean
        || value instanceof Instant
        || value instanceof ObjectId
        || value instanceof UUID;
  }

  /** @param array two bounds may be met by two elements, so only one of them can be used */
  static Range range(Document query, String field, boolean array) {
    if (!(query.get(field) instanceof Document terms)) return Range.ALL;
    Object low = null;
    Object high = null;
    for (Map.Entry<String, Object> term : terms.entrySet()) {
      if (!BOUNDS.contains(term.getKey()) || !isPlain(term.getValue())) continue;
      if (term.getKey().startsWith("$g")) low = term.getValue();
      else high = term.getValue();
    }
    return array && low != null ? new Range(low, null) : new Range(low, high);
  }

  /** @return every beginning of a key that the values allow; null = too many */
  static List<Object[]> combine(List<List<Object>> equal) {
    List<Object[]> all = new ArrayList<>();
    all.add(new Object[0]);
    for (List<Object> values : equal) {
      if ((long) all.size() * values.size() > MOST) return null;
      List<Object[]> wider = new ArrayList<>();
      for (Object[] prefix : all)
        for (Object value : values) {
          Object[] next = Arrays.copyOf(prefix, prefix.length + 1);
          next[prefix.length] = value;
          wider.add(next);
        }
      all = wider;
    }
    return all;
  }

  /**
   * @param next the first field of the index that is not held to one value
   * @return 1 = the index has the order that was asked for, -1 = backwards, 0 = it has not
   */
  static int direction(Document orderBy, IndexKey[] fields, int next, boolean[] arrays) {
    if (orderBy == null || orderBy.isEmpty()) return 0;
    Set<String> held = new HashSet<>();
    for (int i = 0; i < next; i++) if (!arrays[i]) held.add(fields[i].getKey());
    int direction = 0;
    int at = next;
    for (Map.Entry<String, Object> one : orderBy.entrySet()) {
      if (held.contains(one.getKey())) continue;
      if (at == fields.length || arrays[at] || !fields[at].getKey().equals(one.getKey())) return 0;
      if (!(one.getValue() instanceof Number sign)) return 0;
      int same = (sign.intValue() > 0) == fields[at].isAscending() ? 1 : -1;
      if (direction != 0 && direction != same) return 0;
      direction = same;
      at++;
    }
    // Documents with an array further on come several times; the first time is the right one.
    return direction == 0 ? 1 : direction;
  }
}
