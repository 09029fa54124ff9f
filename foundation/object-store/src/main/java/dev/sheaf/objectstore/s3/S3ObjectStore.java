package dev.sheaf.objectstore.s3;

import dev.sheaf.objectstore.ObjectKeys;
import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.objectstore.s3.S3Failure.Kind;
import dev.sheaf.objectstore.s3.S3Requests.Fetched;
import dev.sheaf.protocol.error.SheafException;
import io.minio.HeadObjectResponse;
import io.minio.messages.ListMultipartUploadsResult.Upload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Objects in a bucket of S3, or of what speaks its protocol: key {@code a/b} is object {@code a/b}
 * below the settings' prefix, with nothing added to its content.
 *
 * <p>Every request has a time-out, and is repeated within {@link S3Limits} when the store is busy,
 * the connection breaks or the answer is cut. What a failed put did may then be unknown (58030, and
 * the message says so): the same put may be made again. A put whose answer got lost can reach the
 * store late, and replace what a later {@link #put} to the same key wrote: give every object a key
 * of its own, or use {@link #putIfAbsent}. Thread-safe; blocking.
 */
public final class S3ObjectStore implements ObjectStore {
  private final S3Settings settings;
  private final S3Requests requests;
  private final S3Retries retries;
  private final PutHeaders headers;
  private final S3Listing listing;
  private final S3Errors errors;

  private S3ObjectStore(S3Settings settings, RandomGenerator random, LongSupplier nanoTime) {
    this.settings = settings;
    this.requests = new S3Requests(settings);
    this.retries = new S3Retries(settings.limits(), random, nanoTime);
    this.headers = new PutHeaders(random, settings.checksums());
    this.listing = new S3Listing(requests, retries, settings.prefix());
    this.errors = new S3Errors(settings);
  }

  /**
   * Opens the store for reading and writing, after it has shown on a small object that it keeps
   * what the port promises. Eight requests.
   *
   * @param random thread-safe, of cryptographic strength: ids of puts must never repeat
   * @param nanoTime monotonic
   * @throws SheafException 58030 when the store cannot be reached, or refuses; 55000 when it is
   *     unfit
   */
  public static S3ObjectStore connect(
      S3Settings settings, RandomGenerator random, LongSupplier nanoTime) {
    var store = new S3ObjectStore(settings, random, nanoTime);
    try {
      store.guard(
          "test the object store",
          () -> {
            new StoreSelfTest(settings, store.requests, store.retries, store.headers).run();
            return true;
          });
      return store;
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  /**
   * Opens the store without a request: for processes that only read, where another one, which
   * writes, has tested it.
   */
  public static S3ObjectStore forReading(
      S3Settings settings, RandomGenerator random, LongSupplier nanoTime) {
    return new S3ObjectStore(settings, random, nanoTime);
  }

  @Override
  public void put(String key, byte[] content) {
    String name = name(key);
    guard(
        "write object '" + key + "'",
        () -> {
          var sent = headers.put(headers.newPutId(), Digests.of(content, settings.signsContent()));
          return retries.call(() -> {
            requests.put(name, content, sent);
            return true;
          });
        });
  }

  @Override
  public void putFile(String key, Path file) {
    String name = name(key);
    guard(
        "write object '" + key + "'",
        () -> {
          var whole = new FilePart(file, 0, sizeOf(file));
          String putId = headers.newPutId();
          var digests = Digests.of(whole, settings.signsContent());
          if (whole.length() <= settings.limits().multipartThresholdBytes()) {
            var sent = headers.put(putId, digests);
            return retries.call(() -> {
              requests.putFile(name, file, whole.length(), sent);
              return true;
            });
          }
          new MultipartUpload(
                  requests,
                  retries,
                  name,
                  whole,
                  settings.limits().partBytes(),
                  settings.signsContent())
              .run(putId, headers.upload(putId, digests.crc32cHex()));
          return true;
        });
  }

  private static long sizeOf(Path file) throws S3Failure {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new S3Failure(Kind.REJECTED, "cannot read file '" + file + "': " + e, e);
    }
  }

  @Override
  public boolean putIfAbsent(String key, byte[] content) {
    String name = name(key);
    byte[] copy = content.clone(); // compared after the put, perhaps
    return guard(
        "create object '" + key + "'",
        () -> {
          String putId = headers.newPutId();
          var sent = headers.create(putId, Digests.of(copy, settings.signsContent()));
          return new CreateOnlyPut(requests, retries, name, copy, putId, sent).run();
        });
  }

  @Override
  public Optional<byte[]> get(String key) {
    String name = name(key);
    return guard("read object '" + key + "'", () -> Optional.ofNullable(fetch(name)));
  }

  private byte @Nullable [] fetch(String name) throws S3Failure {
    try {
      return retries.call(() -> fetchOnce(name));
    } catch (S3Failure e) {
      if (e.kind() == Kind.ABSENT) {
        return null;
      }
      throw e;
    }
  }

  private byte[] fetchOnce(String name) throws S3Failure {
    Fetched fetched = requests.get(name);
    if (!headers.fits(fetched.headers().headers(), fetched.content())) {
      throw new S3Failure(Kind.DAMAGED, "it is not what was put: its checksum is another");
    }
    return fetched.content();
  }

  @Override
  public byte[] getRange(String key, long offset, int length) {
    String name = name(key);
    ObjectKeys.checkRange(key, offset, length);
    return guard("read object '" + key + "'", () -> fetchRange(key, name, offset, length));
  }

  private byte[] fetchRange(String key, String name, long offset, int length) throws S3Failure {
    if (length > 0 && offset <= Long.MAX_VALUE - length) {
      try {
        byte[] content = retries.call(() -> requests.getRange(name, offset, length)).content();
        if (content.length == length) {
          return content;
        }
      } catch (S3Failure e) {
        if (e.kind() == Kind.ABSENT) {
          throw ObjectKeys.missing(key);
        }
        if (e.kind() != Kind.RANGE_BEHIND_END) {
          throw e;
        }
      }
    }
    long size = sizeOf(name).orElseThrow(() -> ObjectKeys.missing(key));
    if (length > 0 || offset > size) {
      throw ObjectKeys.truncated(key, size, offset, length);
    }
    return new byte[0];
  }

  @Override
  public Optional<Long> size(String key) {
    String name = name(key);
    return guard("read object '" + key + "'", () -> sizeOf(name));
  }

  private Optional<Long> sizeOf(String name) throws S3Failure {
    return retries.call(() -> requests.head(name)).map(HeadObjectResponse::size);
  }

  @Override
  public List<String> list(String prefix, String startAfter, int limit) {
    return guard("list objects '" + prefix + "...'", () -> listing.keys(prefix, startAfter, limit));
  }

  @Override
  public void delete(String key) {
    String name = name(key);
    guard(
        "delete object '" + key + "'",
        () -> {
          try {
            return retries.call(() -> {
              requests.delete(name);
              return true;
            });
          } catch (S3Failure e) {
            if (e.kind() == Kind.ABSENT) {
              return false;
            }
            throw e;
          }
        });
  }

  /**
   * Aborts uploads in parts below the prefix that began before a time, of processes that died in
   * the middle: their parts take up space and are not listed. Returns how many.
   */
  public int abortUploadsBefore(Instant time) {
    return guard(
        "abort old uploads",
        () -> {
          int aborted = 0;
          for (Upload upload : listing.uploadsBefore(time)) {
            aborted += abort(upload) ? 1 : 0;
          }
          return aborted;
        });
  }

  /** False if it has ended by itself, or was aborted by an attempt whose answer got lost. */
  private boolean abort(Upload upload) throws S3Failure {
    try {
      return retries.call(() -> {
        requests.abortUpload(upload.objectName(), upload.uploadId());
        return true;
      });
    } catch (S3Failure e) {
      if (e.kind() == Kind.ABSENT) {
        return false;
      }
      throw e;
    }
  }

  /** What it has cost so far, for metrics. */
  public S3Counts counts() {
    return retries.counts();
  }

  @Override
  public void close() {
    requests.close();
  }

  private String name(String key) {
    return settings.prefix() + ObjectKeys.check(key);
  }

  private <T> T guard(String what, S3Retries.Attempt<T> call) {
    try {
      return call.run();
    } catch (S3Failure e) {
      throw errors.of(what, e);
    }
  }
}
