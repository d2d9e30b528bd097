import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.backend.h2.H2Collection;
import de.bwaldvogel.mongo.bson.Document;
import java.util.Objects;
import java.util.stream.Stream;
import org.h2.mvstore.MVMap;

/** A collection that asks its indexes before it reads everything. What they give is matched with the query all the same. */
final class IndexedCollection extends H2Collection {
  /** The first match of the aggregation that this thread is at; used up by the collection that it is about. */
  private static final ThreadLocal<Narrowed> narrowed = new ThreadLocal<>();

  IndexedCollection(
      MongoDatabase database,
      String name,
      CollectionOptions options,
      MVMap<Object, Document> data,
      MVMap<String, Object> meta,
      CursorRegistry cursors) {
    super(database, name, options, data, meta, cursors);
  }

  /** @param match not a document: everything is read */
  static Narrowed narrow(Object collection, Object match) {
    Narrowed next = match instanceof Document query ? new Narrowed(collection, query) : new Narrowed(null, null);
    narrowed.set(next);
    return next;
  }

  record Narrowed(Object collection, Document query) implements AutoCloseable {
    @Override
    public void close() {
      narrowed.remove();
    }
  }

  @Override
  public Stream<Document> queryAllAsStream() {
    Narrowed asked = narrowed.get();
    if (asked == null || !getCollectionName().equals(asked.collection())) return super.queryAllAsStream();
    narrowed.remove();
    return handleQueryAsStream(asked.query());
  }

  @Override
  protected synchronized QueryResult queryDocuments(
      Document query, Document orderBy, int skip, int limit, int batchSize, Document projection) {
    OrderedIndex.Plan best = isNaturalDescending(orderBy) ? null : plan(query, orderBy, limit);
    if (best == null) return super.queryDocuments(query, orderBy, skip, limit, batchSize, projection);
    Stream<Document> found = best.positions().map(this::getDocument).filter(Objects::nonNull);
    return best.sorted()
        ? matchDocumentsFromStream(query, found, skip, limit, batchSize, null, projection)
        : matchDocumentsFromStream(found, query, orderBy, skip, limit, batchSize, projection);
  }

  private OrderedIndex.Plan plan(Document query, Document orderBy, int limit) {
    OrderedIndex.Plan best = null;
    for (Index<Object> index : getIndexes()) {
      OrderedIndex.Plan next = index instanceof OrderedIndex own ? own.plan(query, orderBy, limit) : null;
      if (next != null && (best == null || next.worth() > best.worth())) best = next;
    }
    return best;
  }
}
