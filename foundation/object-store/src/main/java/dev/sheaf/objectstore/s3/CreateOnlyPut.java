package dev.sheaf.objectstore.s3;

import dev.sheaf.objectstore.s3.S3Failure.Kind;
import io.minio.HeadObjectResponse;
import io.minio.Http;
import java.util.Arrays;
import java.util.Optional;

/**
 * One put under {@code If-None-Match: *}, with the right answer even when the store's got lost.
 *
 * <pre>
 * answer to the put        the object then     verdict
 * 200                      -                   created
 * 412                      is ours             created: by an attempt whose answer we never saw
 * 412, lost, 5xx           has our content     created: by an earlier call of the same
 * 412, lost, 5xx           is another          not created
 * 412 to the first         is gone             put again: it was deleted in between
 * 412 to a later           is gone             unknown: ours may have been created and deleted
 * lost, 5xx to all         is not there        unknown: a request may still be on its way
 * </pre>
 *
 * Ours is told by the random put id that is kept with the object. Single use.
 */
final class CreateOnlyPut {
  /** Somebody who creates and deletes the key all the time ends this. */
  private static final int MAX_ROUNDS = 3;

  private final S3Requests requests;
  private final S3Retries retries;
  private final String name;
  private final byte[] content;
  private final String putId;
  private final Http.Headers headers;
  private boolean unclear;

  CreateOnlyPut(
      S3Requests requests,
      S3Retries retries,
      String name,
      byte[] content,
      String putId,
      Http.Headers headers) {
    this.requests = requests;
    this.retries = retries;
    this.name = name;
    this.content = content;
    this.putId = putId;
    this.headers = headers;
  }

  private enum Found {
    OURS,
    ANOTHER,
    NOTHING
  }

  /** Whether the object has been created, or has this content already. */
  boolean run() throws S3Failure {
    for (int round = 1; ; round++) {
      try {
        retries.call(this::attempt);
        return true;
      } catch (S3Failure e) {
        if (e.kind() != Kind.CONDITION_FAILED && !unclear) {
          throw e;
        }
        switch (lookFor(e)) {
          case OURS -> {
            return true;
          }
          case ANOTHER -> {
            return false;
          }
          case NOTHING -> {
            if (unclear || round == MAX_ROUNDS) {
              throw new S3Failure(Kind.LOST, e.message() + "; it may have been created or not", e);
            }
          }
        }
      }
    }
  }

  private boolean attempt() throws S3Failure {
    try {
      requests.put(name, content, headers);
      return true;
    } catch (S3Failure e) {
      unclear |= e.mayHaveHappened();
      throw e;
    }
  }

  private Found lookFor(S3Failure why) throws S3Failure {
    try {
      Optional<HeadObjectResponse> object = retries.call(() -> requests.head(name));
      if (object.isEmpty()) {
        return Found.NOTHING;
      }
      if (PutHeaders.isOf(object.get().headers(), putId)) {
        return Found.OURS;
      }
      if (object.get().size() != content.length) {
        return Found.ANOTHER;
      }
      byte[] existing = retries.call(() -> requests.get(name)).content();
      return Arrays.equals(existing, content) ? Found.OURS : Found.ANOTHER;
    } catch (S3Failure e) {
      if (e.kind() == Kind.ABSENT) {
        return Found.NOTHING;
      }
      e.addSuppressed(why);
      throw new S3Failure(Kind.LOST, e.message() + "; it may have been created or not", e);
    }
  }
}
