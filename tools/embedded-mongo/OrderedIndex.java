import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.backend.Utils;
import de.bwaldvogel.mongo.backend.ValueComparator;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.DuplicateKeyError;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * An index that is a sorted set of keys, one of a document for each element of an array in it. Its collection calls it
 * one thread at a time. The position of a document is its {@code _id}.
 */
final class OrderedIndex extends Index<Object> {
  /** {@code bound} 0 = of a document; else a place before (-1) or behind (1) all keys that begin with these values. */
  private record Key(Object[] values, Object position, int bound) {}

  private final NavigableSet<Key> keys = new TreeSet<>(this::compare);
  private final IndexKey[] fields;
  private final boolean unique;
  /** Fields in which some document has, or had, an array. */
  private final boolean[] arrays;

  OrderedIndex(String name, List<IndexKey> fields, boolean sparse, boolean unique) {
    super(name, fields, sparse);
    this.fields = fields.toArray(IndexKey[]::new);
    this.unique = unique;
    this.arrays = new boolean[this.fields.length];
  }

  private int compare(Key one, Key other) {
    int shared = Math.min(one.values.length, other.values.length);
    for (int i = 0; i < shared; i++) {
      int order = ValueComparator.ascWithoutListHandling().compare(one.values[i], other.values[i]);
      if (order != 0) return fields[i].isAscending() ? order : -order;
    }
    if (one.bound != 0 || other.bound != 0) return Integer.compare(one.bound, other.bound);
    return ValueComparator.ascWithoutListHandling().compare(one.position, other.position);
  }

  private NavigableSet<Key> between(Object[] from, Object[] to) {
    Key first = new Key(from, null, -1);
    Key last = new Key(to, null, 1);
    return compare(first, last) > 0 ? Collections.emptyNavigableSet() : keys.subSet(first, true, last, true);
  }

  private List<Key> keysOf(Document document) {
    List<Object[]> all = new ArrayList<>();
    all.add(new Object[fields.length]);
    for (int i = 0; i < fields.length; i++) {
      Object value = Utils.getSubdocumentValueCollectionAware(document, fields[i].getKey());
      if (value instanceof Collection<?> elements) {
        arrays[i] = true;
        List<Object[]> wider = new ArrayList<>();
        for (Object[] values : all)
          for (Object element : elements.isEmpty() ? Arrays.asList((Object) null) : elements) {
            Object[] next = values.clone();
            next[i] = plain(element);
            wider.add(next);
          }
        all = wider;
      } else {
        for (Object[] values : all) values[i] = plain(value);
      }
    }
    Object position = document.get("_id");
    return all.stream().map(values -> new Key(values, position, 0)).toList();
  }

  /** Numbers of all types that are equal become the same; what is not there counts as null. */
  private static Object plain(Object value) {
    if (Missing.isNullOrMissing(value)) return null;
    return value instanceof Number number ? Utils.normalizeNumber(number) : value;
  }

  private boolean leavesOut(Document document) {
    return isSparse() && keysOf(document).stream().allMatch(key -> Arrays.stream(key.values).allMatch(v -> v == null));
  }

  private void refuseTwin(Key key, MongoCollection<Object> collection) {
    if (!unique) return;
    for (Key there : between(key.values, key.values))
      if (compare(there, key) != 0)
        throw new DuplicateKeyError(this, collection, getKeys(), new KeyValue(Arrays.asList(key.values)));
  }

  @Override
  public void checkAdd(Document document, MongoCollection<Object> collection) {
    if (!unique || leavesOut(document)) return;
    for (Key key : keysOf(document)) {
      refuseTwin(key, collection);
      // Only `_id` can be there twice with the same position.
      if (keys.contains(key))
        throw new DuplicateKeyError(this, collection, getKeys(), new KeyValue(Arrays.asList(key.values)));
    }
  }

  @Override
  public void add(Document document, Object position, MongoCollection<Object> collection) {
    if (leavesOut(document)) return;
    for (Key key : keysOf(document)) {
      refuseTwin(key, collection);
      keys.add(key);
    }
  }

  @Override
  public Object getPosition(Document document) {
    return leavesOut(document) ? null : document.get("_id");
  }

  @Override
  public Object remove(Document document) {
    if (leavesOut(document)) return null;
    boolean removed = false;
    for (Key key : keysOf(document)) removed |= keys.remove(key);
    return removed ? document.get("_id") : null;
  }

  @Override
  public void checkUpdate(Document before, Document after, MongoCollection<Object> collection) {
    if (unique && !leavesOut(after)) for (Key key : keysOf(after)) refuseTwin(key, collection);
  }

  @Override
  public void updateInPlace(Document before, Document after, Object position, MongoCollection<Object> collection) {
    List<Key> old = keysOf(before);
    List<Key> young = keysOf(after);
    boolean same = old.size() == young.size();
    for (int i = 0; same && i < old.size(); i++) same = compare(old.get(i), young.get(i)) == 0;
    if (same) return;
    old.forEach(keys::remove);
    add(after, position, collection);
  }

  @Override
  public long getCount() {
    return keys.size();
  }

  @Override
  public long getDataSize() {
    return 0;
  }

  @Override
  public boolean hasSameOptions(Index<?> other) {
    return super.hasSameOptions(other) && unique == other.isUnique();
  }

  @Override
  public boolean isUnique() {
    return unique;
  }

  /** The collection asks for a plan instead. */
  @Override
  public boolean canHandle(Document query) {
    return false;
  }

  @Override
  public Iterable<Object> getPositions(Document query) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void drop() {
    keys.clear();
  }

  /**
   * A way to the documents of a query, and to some that are not.
   *
   * @param sorted they come in the order that was asked for
   * @param worth of several plans the highest is taken
   */
  record Plan(Stream<Object> positions, boolean sorted, int worth) {}

  /** @return null when the query says nothing that this index could use */
  Plan plan(Document query, Document orderBy, int limit) {
    if (isSparse()) return null;
    List<List<Object>> equal = new ArrayList<>();
    while (equal.size() < fields.length) {
      List<Object> values = QueryTerms.equal(query, fields[equal.size()].getKey());
      if (values == null) break;
      equal.add(values);
    }
    int next = equal.size();
    QueryTerms.Range range =
        next < fields.length ? QueryTerms.range(query, fields[next].getKey(), arrays[next]) : QueryTerms.Range.ALL;
    if (next == 0 && range.isAll()) return null;

    List<Object[]> prefixes = QueryTerms.combine(equal);
    if (prefixes == null) return null;
    int direction = prefixes.size() == 1 ? QueryTerms.direction(orderBy, fields, next, arrays) : 0;
    int worth = 4 * next + (range.isAll() ? 0 : 2) + (direction == 0 ? 0 : limit > 0 ? 6 : 1);
    Stream<Object> positions =
        prefixes.size() == 1
            ? read(prefixes.get(0), next, range, direction < 0)
            : prefixes.stream().flatMap(prefix -> read(prefix, next, range, false));
    return new Plan(mayComeTwice(prefixes) ? positions.distinct() : positions, direction != 0, worth);
  }

  private boolean mayComeTwice(List<Object[]> prefixes) {
    for (boolean array : arrays) if (array) return true;
    return prefixes.size() > 1;
  }

  private Stream<Object> read(Object[] prefix, int next, QueryTerms.Range range, boolean backwards) {
    boolean ascending = next < fields.length && fields[next].isAscending();
    Object first = ascending ? range.low() : range.high();
    Object last = ascending ? range.high() : range.low();
    NavigableSet<Key> found =
        between(first == null ? prefix : append(prefix, first), last == null ? prefix : append(prefix, last));
    return (backwards ? found.descendingSet() : found).stream().map(Key::position);
  }

  private static Object[] append(Object[] values, Object value) {
    Object[] longer = Arrays.copyOf(values, values.length + 1);
    longer[values.length] = plain(value);
    return longer;
  }
}
