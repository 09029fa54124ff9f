package dev.sheaf.columnar.kernel;

import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Collects the values of a {@link BytesVec}, in any order of rows. One use, one thread. */
public final class BytesBuilder {
  private static final int MAX_BYTES = Integer.MAX_VALUE - 16;

  private final int[] start;
  private final int[] length;
  private byte[] data = new byte[256];
  private int used;

  public BytesBuilder(int rows) {
    this.start = new int[rows];
    this.length = new int[rows];
  }

  public void set(int row, byte[] value) {
    set(row, value, 0, value.length);
  }

  public void set(int row, byte[] source, int from, int count) {
    ensure(count);
    System.arraycopy(source, from, data, used, count);
    start[row] = used;
    length[row] = count;
    used += count;
  }

  public void set(int row, String value) {
    set(row, value.getBytes(StandardCharsets.UTF_8));
  }

  /** Appends to the value begun last; {@link #begin} first. */
  public void append(byte[] source, int from, int count) {
    ensure(count);
    System.arraycopy(source, from, data, used, count);
    used += count;
  }

  public void append(byte[] source) {
    append(source, 0, source.length);
  }

  public void append(String text) {
    append(text.getBytes(StandardCharsets.UTF_8));
  }

  public void begin(int row) {
    start[row] = used;
  }

  public void end(int row) {
    length[row] = used - start[row];
  }

  private void ensure(int count) {
    if (count > data.length - used) {
      long wanted = Math.max((long) used + count, Math.min(2L * data.length, MAX_BYTES));
      if (wanted > MAX_BYTES) {
        throw new SheafException(
            ErrorCode.PROGRAM_LIMIT_EXCEEDED, "text of one batch is longer than 2 GiB");
      }
      data = Arrays.copyOf(data, (int) wanted);
    }
  }

  public BytesVec build(long @Nullable [] validity) {
    return BytesVec.of(data, start, length, validity, start.length);
  }
}
