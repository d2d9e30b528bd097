import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.DatabaseResolver;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.h2.H2Database;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.oplog.Oplog;
import io.netty.channel.Channel;
import java.util.List;
import org.h2.mvstore.MVStore;

/**
 * The backend with indexes that are used. The library's own keeps only unique ones and asks them only when a query names
 * exactly their fields; everything else, each conditional write among it, reads the whole collection.
 *
 * <p>Indexes are kept in memory and built from the documents when a collection is opened, so a file holds nothing that
 * could disagree with its documents.
 */
final class IndexedBackend extends H2Backend {
  IndexedBackend(MVStore store) {
    super(store);
  }

  @Override
  protected MongoDatabase openOrCreateDatabase(String name) {
    return new Database(name);
  }

  /** Not static: its collections are opened before a field of its own could be set. */
  private final class Database extends H2Database {
    Database(String name) {
      super(name, getMvStore(), getCursorRegistry());
    }

    /** Under the names that the library gives them. */
    @Override
    protected MongoCollection<Object> openOrCreateCollection(String name, CollectionOptions options) {
      MVStore store = getMvStore();
      String place = getFullCollectionNamespace(name);
      return new IndexedCollection(
          this, name, options, store.openMap("databases." + place), store.openMap("meta." + place), cursorRegistry);
    }

    @Override
    protected Index<Object> openOrCreateUniqueIndex(
        String collection, String name, List<IndexKey> keys, boolean sparse) {
      return new OrderedIndex(name, keys, sparse, true);
    }

    @Override
    protected Index<Object> openOrCreateSecondaryIndex(
        String collection, String name, List<IndexKey> keys, boolean sparse) {
      return new OrderedIndex(name, keys, sparse, false);
    }

    /** An aggregation reads all documents and then matches them; its first match is handed to the collection instead. */
    @Override
    public Document handleCommand(
        Channel channel, String command, Document query, DatabaseResolver databases, Oplog oplog) {
      if (!command.equals("aggregate") || !(query.get("pipeline") instanceof List<?> stages)) {
        return super.handleCommand(channel, command, query, databases, oplog);
      }
      Object first = stages.isEmpty() ? null : stages.get(0);
      Object match = first instanceof Document stage ? stage.get("$match") : null;
      try (var narrowed = IndexedCollection.narrow(query.get(command), match)) {
        return super.handleCommand(channel, command, query, databases, oplog);
      }
    }
  }
}
