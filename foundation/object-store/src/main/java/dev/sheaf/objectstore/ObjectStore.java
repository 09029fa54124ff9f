package dev.sheaf.objectstore;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Immutable objects by key: the port to S3-compatible storage, local files and memory. All
 * implementations pass {@code ObjectStoreContract} (testkit). Thread-safe, blocking; call it from
 * virtual threads.
 *
 * <p>Keys: segments of {@code [A-Za-z0-9._-]{1,255}} separated by {@code /}, at most 512 bytes,
 * never {@code .} or {@code ..}. No key may be, or have been, the folder of another ({@code a} and
 * {@code a/b}): adapters that notice refuse it. A key against these rules is a defect of the caller
 * (XX000). Other errors are {@link dev.sheaf.protocol.error.SheafException}: 58030 I/O, 53100 no
 * space, XX001 failed check.
 */
public interface ObjectStore extends AutoCloseable {

  /** Creates an object; a reader sees all of it or nothing. Replaces an existing one atomically. */
  void put(String key, byte[] content);

  /** Uploads a local file as an object, with {@link #put}'s guarantees; may use multipart. */
  void putFile(String key, Path file);

  /**
   * Creates an object only if the key is free; returns false if it exists with another content.
   * Safe against ambiguous outcomes: when an earlier attempt of this call did create it, the answer
   * is true.
   */
  boolean putIfAbsent(String key, byte[] content);

  /** The whole object, empty if absent. For small objects. */
  Optional<byte[]> get(String key);

  /**
   * {@code length} bytes from {@code offset}. Fewer than that in the object is XX001 (a truncated
   * object); an absent object is XX001 too, naming it.
   */
  byte[] getRange(String key, long offset, int length);

  /**
   * As {@link #getRange}, from the store itself and not from a cache in front of it: for bytes that
   * turned out not to be what was written.
   */
  default byte[] getRangeAgain(String key, long offset, int length) {
    return getRange(key, offset, length);
  }

  /**
   * As {@link #getRange}, past a cache in front of the store and without a trace in it: for bytes
   * that nobody will ask for again, as those of a segment that is being replaced.
   */
  default byte[] getRangeOnce(String key, long offset, int length) {
    return getRange(key, offset, length);
  }

  /** Size in bytes, empty if absent. */
  Optional<Long> size(String key);

  /**
   * Keys beginning with the prefix, ascending, at most {@code limit}, greater than {@code
   * startAfter} ("" = all).
   */
  List<String> list(String prefix, String startAfter, int limit);

  /** Deletes; an absent key is fine. */
  void delete(String key);

  @Override
  void close();
}
