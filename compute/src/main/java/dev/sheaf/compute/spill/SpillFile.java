package dev.sheaf.compute.spill;

import dev.sheaf.columnar.codec.ByteSink;
import dev.sheaf.columnar.codec.LittleEndian;
import dev.sheaf.columnar.kernel.VecAppender;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.format.Envelope;
import dev.sheaf.protocol.type.PhysicalType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Rows that were put aside, to be read again in the order of their arrival, any number of times.
 * Written by one thread at a time, then {@linkplain #finish finished}, then read by any.
 *
 * <p>A block is a batch: {@code u32 length, u32 crc32c of what follows}, then the {@linkplain
 * BatchCodec rows}.
 */
public final class SpillFile implements AutoCloseable {
  private static final int HEADER_BYTES = 8;

  private final SpillSpace space;
  private final FileChannel channel;
  private final PhysicalType[] types;
  private final int bufferBytes;
  private final @Nullable VecAppender[] buffer;
  private int bufferedRows;
  private long bufferedBytes;
  private ByteSink sink = new ByteSink(1024);
  private long size;
  private long rows;
  private boolean closed;

  SpillFile(SpillSpace space, FileChannel channel, PhysicalType[] types, int bufferBytes) {
    this.space = space;
    this.channel = channel;
    this.types = types;
    this.bufferBytes = bufferBytes;
    this.buffer = new @Nullable VecAppender[types.length];
  }

  public long rows() {
    return rows;
  }

  public long sizeBytes() {
    return size;
  }

  /** Adds the live rows, at most {@link Batch#MAX_ROWS}; 53100 if the space or the disk is full. */
  public void append(Batch batch) {
    append(batch, batch.selection(), batch.selected());
  }

  /**
   * Adds the rows {@code selection[0..count)}, or the first {@code count}, of at most {@link
   * Batch#MAX_ROWS}.
   */
  public void append(Batch batch, int @Nullable [] selection, int count) {
    if (count == 0) {
      return;
    }
    if (bufferedRows + count > Batch.MAX_ROWS) {
      flush();
    }
    long growth = 0;
    for (int c = 0; c < types.length; c++) {
      growth += appender(c).growthBytes(batch.column(c), selection, count);
    }
    if (growth > bufferBytes && count > 1) {
      int half = count / 2;
      append(batch, part(selection, 0, half), half);
      append(batch, part(selection, half, count), count - half);
      return;
    }
    for (int c = 0; c < types.length; c++) {
      appender(c).append(batch.column(c), selection, count);
    }
    bufferedBytes += growth;
    bufferedRows += count;
    rows += count;
    if (bufferedBytes >= bufferBytes) {
      flush();
    }
  }

  private VecAppender appender(int column) {
    VecAppender known = buffer[column];
    if (known == null) {
      known = new VecAppender(types[column]);
      buffer[column] = known;
    }
    return known;
  }

  private static int[] part(int @Nullable [] selection, int from, int to) {
    int[] out = new int[to - from];
    for (int k = 0; k < out.length; k++) {
      out[k] = selection == null ? from + k : selection[from + k];
    }
    return out;
  }

  /** Nothing is added any more; gives the buffer back. */
  public void finish() {
    flush();
    sink = new ByteSink(0);
  }

  private void flush() {
    if (bufferedRows == 0) {
      return;
    }
    Vec[] columns = new Vec[types.length];
    for (int c = 0; c < columns.length; c++) {
      columns[c] = Objects.requireNonNull(buffer[c]).build();
    }
    write(Batch.of(columns, bufferedRows));
    Arrays.fill(buffer, null);
    bufferedRows = 0;
    bufferedBytes = 0;
  }

  private void write(Batch batch) {
    sink.truncate(0);
    sink.reserve(HEADER_BYTES);
    BatchCodec.encode(batch, sink);
    int length = sink.size() - HEADER_BYTES;
    LittleEndian.putInt(sink.array(), 0, length);
    LittleEndian.putInt(sink.array(), 4, Envelope.crc32c(sink.array(), HEADER_BYTES, length));
    space.reserve(sink.size());
    try {
      ByteBuffer left = ByteBuffer.wrap(sink.array(), 0, sink.size());
      long at = size;
      size += sink.size();
      while (left.hasRemaining()) {
        at += channel.write(left, at);
      }
    } catch (IOException e) {
      throw SpillSpace.failure("cannot write a temporary file", e);
    }
  }

  /** All rows, dense; XX001 if a block is not as it was written. */
  public BatchSource read() {
    if (bufferedRows > 0) {
      throw new IllegalStateException("not finished");
    }
    return new BatchSource() {
      private long position;

      @Override
      public @Nullable Batch next() {
        if (position >= size) {
          return null;
        }
        byte[] header = bytes(position, HEADER_BYTES);
        int length = LittleEndian.getInt(header, 0);
        if (length < 0 || position + HEADER_BYTES + length > size) {
          throw corrupted();
        }
        byte[] block = bytes(position + HEADER_BYTES, length);
        if (Envelope.crc32c(block, 0, length) != LittleEndian.getInt(header, 4)) {
          throw corrupted();
        }
        position += HEADER_BYTES + length;
        return BatchCodec.decode(block, types);
      }

      @Override
      public void close() {
        position = size;
      }
    };
  }

  private byte[] bytes(long from, int length) {
    byte[] out = new byte[length];
    ByteBuffer left = ByteBuffer.wrap(out);
    try {
      while (left.hasRemaining()) {
        if (channel.read(left, from + left.position()) < 0) {
          throw corrupted();
        }
      }
      return out;
    } catch (IOException e) {
      throw SpillSpace.failure("cannot read a temporary file", e);
    }
  }

  private static SheafException corrupted() {
    return new SheafException(
        ErrorCode.DATA_CORRUPTED, "a temporary file is not as it was written: the disk is failing");
  }

  /** Deletes it; idempotent. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    Arrays.fill(buffer, null);
    space.release(size);
    try {
      channel.close();
    } catch (IOException e) {
      // It holds nothing that anybody needs.
    }
  }
}
