package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.codec.ByteSink;
import dev.sheaf.protocol.format.Envelope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The pages of one column until the columns before it are complete: in memory while they are few,
 * then in a file beside the segment's. Not thread-safe.
 */
final class PageSpool implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 18;

  private final Path overflow;
  private final ByteSink buffer = new ByteSink(1024);
  private @Nullable FileChannel file;
  private long size;

  PageSpool(Path overflow) {
    this.overflow = overflow;
  }

  long size() {
    return size;
  }

  /** Takes the content of {@code page}, which may then be reused. */
  PageEntry add(ByteSink page, int rows) {
    buffer.putBytes(page.array(), 0, page.size());
    size += page.size();
    if (buffer.size() >= BUFFER_BYTES) {
      spill();
    }
    return new PageEntry(rows, page.size(), Envelope.crc32c(page.array(), 0, page.size()));
  }

  private void spill() {
    try {
      if (file == null) {
        file =
            FileChannel.open(
                overflow,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
      }
      writeFully(file, buffer.array(), buffer.size());
      buffer.truncate(0);
    } catch (IOException e) {
      throw SegmentErrors.cannotWrite(overflow, e);
    }
  }

  /** Appends all pages to the channel's position. */
  void copyTo(FileChannel out) throws IOException {
    if (file != null) {
      long end = file.position();
      for (long at = 0; at < end; ) {
        at += file.transferTo(at, end - at, out);
      }
    }
    writeFully(out, buffer.array(), buffer.size());
  }

  static void writeFully(FileChannel out, byte[] bytes, int length) throws IOException {
    ByteBuffer left = ByteBuffer.wrap(bytes, 0, length);
    while (left.hasRemaining()) {
      out.write(left);
    }
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
      Files.deleteIfExists(overflow);
    }
  }
}
