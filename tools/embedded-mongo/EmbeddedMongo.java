import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import java.net.BindException;
import java.util.List;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;

/**
 * Serves the MongoDB protocol on loopback from an H2 file, for development and tests:
 * {@code java -cp LIBRARIES EmbeddedMongo PORT FILE}. PORT 0 takes a free one, FILE "-" keeps all in memory.
 *
 * <p>The first line on standard output is {@code READY port}, or {@code FAILED reason}; reasons are {@code locked}
 * (another process has FILE open) and {@code port}. The server ends, everything written, when standard input closes:
 * that is, at the latest when the process that started it dies.
 */
public final class EmbeddedMongo {
  /** Milliseconds for which an acknowledged write may be in memory only; a killed process loses no more than that. */
  private static final int COMMIT_DELAY = 25;

  /** The oldest answers that today's MongoDB drivers talk to without warnings. */
  private static final MongoVersion VERSION = new MongoVersion() {
    @Override
    public List<Integer> getVersionArray() {
      return List.of(5, 0, 0);
    }

    @Override
    public int getWireVersion() {
      return 13;
    }
  };

  public static void main(String[] args) throws Exception {
    MVStore store = open(args[1]);
    IndexedBackend backend = new IndexedBackend(store);
    backend.version(VERSION);
    MongoServer server = new MongoServer(backend);
    int port = bind(server, Integer.parseInt(args[0]));

    // Also commits: the server closes its backend, and that the store.
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
    System.out.println("READY " + port);
    while (System.in.read() >= 0) {
      // Nothing is said to us on this channel; its end is the message.
    }
    System.exit(0);
  }

  private static MVStore open(String file) {
    MVStore.Builder builder = new MVStore.Builder();
    if (!file.equals("-")) builder.fileName(file);
    try {
      MVStore store = builder.open();
      store.setAutoCommitDelay(COMMIT_DELAY);
      return store;
    } catch (MVStoreException e) {
      if (e.getErrorCode() != DataUtils.ERROR_FILE_LOCKED) throw e;
      return fail("locked");
    }
  }

  private static int bind(MongoServer server, int port) throws Exception {
    try {
      server.bind("127.0.0.1", port);
      return server.getLocalAddress().getPort();
    } catch (Exception e) {
      if (e instanceof BindException || e.getCause() instanceof BindException) return fail("port");
      throw e;
    }
  }

  private static <T> T fail(String reason) {
    System.out.println("FAILED " + reason);
    System.exit(1);
    return null;
  }
}
