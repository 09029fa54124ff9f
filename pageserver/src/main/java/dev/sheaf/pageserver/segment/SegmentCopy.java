package dev.sheaf.pageserver.segment;

import dev.sheaf.columnar.segment.BlockCache;
import dev.sheaf.columnar.segment.SegmentReader;
import dev.sheaf.columnar.segment.Segments;
import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A segment on the local disk, fetched in large ranges, to be read from end to end past the cache
 * that others live on. Its blocks are verified as ever. Closing it deletes the file.
 */
public final class SegmentCopy implements AutoCloseable {
  private static final int FETCH_BYTES = 8 << 20;

  /** Pages of all columns at the place that is being read. */
  private static final long CACHE_BYTES = 1 << 20;

  private final Path file;
  private final FileChannel channel;
  private final SegmentReader reader;

  private SegmentCopy(Path file, FileChannel channel, String objectKey, long sizeBytes) {
    this.file = file;
    this.channel = channel;
    this.reader = new Segments(this::read, new BlockCache(CACHE_BYTES)).open(objectKey, sizeBytes);
  }

  /** XX001 if the object is absent or not a whole segment of that size, 58030 of the disk. */
  static SegmentCopy fetch(ObjectStore objects, String objectKey, long sizeBytes, Path file) {
    FileChannel channel = create(file);
    try {
      for (long at = 0; at < sizeBytes; at += FETCH_BYTES) {
        int length = (int) Math.min(FETCH_BYTES, sizeBytes - at);
        ByteBuffer bytes = ByteBuffer.wrap(objects.getRangeOnce(objectKey, at, length));
        while (bytes.hasRemaining()) {
          int unused = channel.write(bytes);
        }
      }
      return new SegmentCopy(file, channel, objectKey, sizeBytes);
    } catch (IOException e) {
      SheafException failure = failed(file, e);
      delete(file, channel, failure);
      throw failure;
    } catch (RuntimeException e) {
      delete(file, channel, e);
      throw e;
    }
  }

  private static FileChannel create(Path file) {
    try {
      return FileChannel.open(
          file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  private byte[] read(String objectKey, long offset, int length) {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    try {
      while (bytes.hasRemaining()) {
        if (channel.read(bytes, offset + bytes.position()) < 0) {
          throw new SheafException(
              ErrorCode.DATA_CORRUPTED, "the copy of " + objectKey + " is truncated");
        }
      }
    } catch (IOException e) {
      throw failed(file, e);
    }
    return bytes.array();
  }

  /** Valid until this is closed. */
  public SegmentReader reader() {
    return reader;
  }

  private static SheafException failed(Path file, IOException e) {
    return new SheafException(ErrorCode.IO_ERROR, "cannot copy a segment to " + file, e);
  }

  private static void delete(Path file, FileChannel channel, RuntimeException why) {
    try (channel) {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      why.addSuppressed(e);
    }
  }

  @Override
  public void close() {
    try (channel) {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw failed(file, e);
    }
  }
}
