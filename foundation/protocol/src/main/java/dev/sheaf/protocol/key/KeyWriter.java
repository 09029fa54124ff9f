package dev.sheaf.protocol.key;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Encodes keys one behind the other into one array, value by value, in the layout of {@link
 * TableKey}: for the keys of a whole batch without an object per value. A key is {@link #begin},
 * its columns' values in order, {@link #end}. Not thread-safe.
 */
public final class KeyWriter {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private byte[] data;
  private int start;
  private int end;

  /**
   * @param capacity bytes expected; grows beyond
   */
  public KeyWriter(int capacity) {
    this.data = new byte[capacity];
  }

  /** The keys; valid until the next value is added. */
  public byte[] data() {
    return data;
  }

  /** Where the key begins that was begun last. */
  public int start() {
    return start;
  }

  /** Begins the key of a table's own row. */
  public void begin(int tableId) {
    start = end;
    reserve(TableKey.PREFIX_BYTES);
    INT.set(data, end, tableId);
    INT.set(data, end + 4, TableKey.PRIMARY_INDEX);
    end += TableKey.PREFIX_BYTES;
  }

  /**
   * Ends the key.
   *
   * @return its length in bytes
   * @throws SheafException 54000 beyond {@link TableKey#MAX_BYTES}
   */
  public int end() {
    int length = end - start;
    if (length > TableKey.MAX_BYTES) {
      throw new SheafException(
          ErrorCode.PROGRAM_LIMIT_EXCEEDED,
          "key of " + length + " bytes is longer than " + TableKey.MAX_BYTES);
    }
    return length;
  }

  public void addNull() {
    reserve(1);
    data[end++] = TableKey.NULL_LAST;
  }

  public void add(boolean value) {
    mark(1);
    data[end++] = (byte) (value ? 1 : 0);
  }

  public void add(int value) {
    mark(4);
    INT.set(data, end, value ^ Integer.MIN_VALUE);
    end += 4;
  }

  public void add(long value) {
    mark(8);
    put(value ^ Long.MIN_VALUE);
  }

  public void add(double value) {
    mark(8);
    long bits = Double.doubleToLongBits(value == 0.0 ? 0.0 : value);
    put(bits < 0 ? ~bits : bits ^ Long.MIN_VALUE);
  }

  /** An INT128 as its two halves. */
  public void add(long high, long low) {
    mark(16);
    put(high ^ Long.MIN_VALUE);
    put(low);
  }

  public void add(byte[] bytes, int from, int length) {
    mark(2 * length + 2);
    for (int i = from; i < from + length; i++) {
      data[end++] = bytes[i];
      if (bytes[i] == 0) {
        data[end++] = (byte) 0xFF;
      }
    }
    data[end++] = 0;
    data[end++] = 0;
  }

  private void mark(int valueBytes) {
    reserve(valueBytes + 1);
    data[end++] = TableKey.VALUE;
  }

  private void put(long bits) {
    LONG.set(data, end, bits);
    end += 8;
  }

  private void reserve(int bytes) {
    if (data.length - end < bytes) {
      data = Arrays.copyOf(data, Math.max(2 * data.length, end + bytes));
    }
  }
}
