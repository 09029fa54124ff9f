package dev.sheaf.objectstore.s3;

import dev.sheaf.objectstore.s3.S3Failure.Kind;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Writes, lists, reads and deletes one small object at the start of a process. Above all it asks
 * for {@code If-None-Match: *} on a key that exists: some stores ignore the condition without a
 * word, and two owners of a shard could then overwrite each other's manifests.
 */
final class StoreSelfTest {
  private static final System.Logger LOG = System.getLogger(StoreSelfTest.class.getName());

  /** No key can begin so, and listings leave it out. */
  static final String FOLDER = "~self-test/";

  private static final byte[] FIRST = "the first".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SECOND = "the second".getBytes(StandardCharsets.US_ASCII);

  private final S3Settings settings;
  private final S3Requests requests;
  private final S3Retries retries;
  private final PutHeaders headers;
  private final String name;

  StoreSelfTest(S3Settings settings, S3Requests requests, S3Retries retries, PutHeaders headers) {
    this.settings = settings;
    this.requests = requests;
    this.retries = retries;
    this.headers = headers;
    this.name = settings.prefix() + FOLDER + headers.newPutId();
  }

  /**
   * @throws S3Failure when a request fails
   * @throws SheafException 55000 when the store answers, but not as it must
   */
  void run() throws S3Failure {
    try {
      expect(create(FIRST), "it says that a new key exists already");
      expect(!create(SECOND), "it ignores the condition 'If-None-Match: *' and overwrites objects");
      byte[] found = retries.call(() -> requests.get(name)).content();
      expect(Arrays.equals(found, FIRST), "it does not give back what was put");
      byte[] range = retries.call(() -> requests.getRange(name, 4, 3)).content();
      expect(Arrays.equals(range, Arrays.copyOfRange(FIRST, 4, 7)), "it gives wrong ranges");
      var listed = retries.call(() -> requests.list(name, "", null, 2)).contents();
      expect(
          listed.size() == 1 && listed.getFirst().objectName().equals(name),
          "it does not list what was put");
    } finally {
      delete();
    }
  }

  private boolean create(byte[] content) throws S3Failure {
    String putId = headers.newPutId();
    var digests = Digests.of(content, settings.signsContent());
    try {
      return new CreateOnlyPut(
              requests, retries, name, content, putId, headers.create(putId, digests))
          .run();
    } catch (S3Failure e) {
      if (e.kind() == Kind.UNSUPPORTED) {
        throw unfit("it refuses the condition 'If-None-Match: *' (" + e.message() + ")", e);
      }
      throw e;
    }
  }

  private void expect(boolean holds, String fault) {
    if (!holds) {
      throw unfit(fault, null);
    }
  }

  private SheafException unfit(String fault, @Nullable Throwable cause) {
    return new SheafException(
            ErrorCode.OBJECT_NOT_IN_PREREQUISITE_STATE,
            "the object store cannot be used: " + settings.where() + ": " + fault,
            cause)
        .withHint(
            "Sheaf needs a store that is consistent and keeps conditional writes: Amazon S3, MinIO"
                + " and Ceph do.");
  }

  private void delete() {
    try {
      retries.call(() -> {
        requests.delete(name);
        return name;
      });
    } catch (S3Failure e) {
      LOG.log(
          System.Logger.Level.DEBUG,
          "object '" + name + "' of the self-test stays: " + e.message());
    }
  }
}
