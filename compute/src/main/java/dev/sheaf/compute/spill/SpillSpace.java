package dev.sheaf.compute.spill;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.PhysicalType;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The disk that the queries of a compute may use together. Files have no name once they are open
 * where the system allows that (POSIX), so that not even a killed process leaves one. Thread-safe.
 */
public final class SpillSpace {
  private final @Nullable Path directory;
  private final long limitBytes;
  private final AtomicLong used = new AtomicLong();
  private final AtomicLong written = new AtomicLong();
  private final AtomicLong names = new AtomicLong();

  /**
   * @param directory made on first use; null = no disk
   */
  private SpillSpace(@Nullable Path directory, long limitBytes) {
    this.directory = directory;
    this.limitBytes = limitBytes;
  }

  /**
   * @param directory made on first use
   */
  public static SpillSpace in(Path directory, long limitBytes) {
    return new SpillSpace(directory, limitBytes);
  }

  /** No disk: queries that do not fit into their memory fail with 53200. */
  public static SpillSpace none() {
    return new SpillSpace(null, 0);
  }

  /** Whether there is room for a file at all. */
  public boolean isAvailable() {
    return directory != null && limitBytes > 0;
  }

  /** Bytes in files now. */
  public long usedBytes() {
    return used.get();
  }

  /** Bytes written since the start. */
  public long writtenBytes() {
    return written.get();
  }

  /**
   * An empty file for rows of these types; 58030 if it cannot be made.
   *
   * @param bufferBytes what it holds back while it is written
   */
  public SpillFile create(PhysicalType[] types, int bufferBytes) {
    Path chosen = directory;
    if (chosen == null) {
      throw new IllegalStateException("there is no spill directory");
    }
    Path path =
        chosen.resolve("spill-" + ProcessHandle.current().pid() + "-" + names.getAndIncrement());
    try {
      Files.createDirectories(chosen);
      FileChannel channel =
          FileChannel.open(
              path,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
      return new SpillFile(this, channel, types, bufferBytes);
    } catch (IOException e) {
      throw failure("cannot make a temporary file in " + chosen, e);
    }
  }

  /** Takes room for bytes or fails with 53100. */
  void reserve(long bytes) {
    long now = used.addAndGet(bytes);
    if (now > limitBytes) {
      used.addAndGet(-bytes);
      throw new SheafException(
              ErrorCode.DISK_FULL,
              "the query does not fit into its memory, and temporary files of all queries would exceed "
                  + limitBytes
                  + " bytes")
          .withHint(
              "Ask for fewer rows or columns, raise query_memory_mb or sheaf.spill.size, or try again later.");
    }
    written.addAndGet(bytes);
  }

  void release(long bytes) {
    used.addAndGet(-bytes);
  }

  /** 53100 when the disk is full, else 58030. */
  static SheafException failure(String what, IOException cause) {
    String message = String.valueOf(cause.getMessage());
    boolean full = message.contains("No space left") || message.contains("quota exceeded");
    return new SheafException(
        full ? ErrorCode.DISK_FULL : ErrorCode.IO_ERROR, what + ": " + message, cause);
  }
}
