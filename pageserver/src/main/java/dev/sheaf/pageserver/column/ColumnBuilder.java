package dev.sheaf.pageserver.column;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Validity;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.row.RowReader;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A column that grows value by value. Copies what it takes. Not thread-safe. */
public abstract sealed class ColumnBuilder permits FixedColumnBuilder, BytesColumnBuilder {
  static final int INITIAL_ROWS = 64;

  private long[] validity = new long[1];
  private boolean anyNull;
  private int size;

  public static ColumnBuilder of(PhysicalType type) {
    return type == PhysicalType.BYTES ? new BytesColumnBuilder() : FixedColumnBuilder.ofFixed(type);
  }

  public final int size() {
    return size;
  }

  /** What the live rows of a batch have in a vector, without room to grow. */
  public static long sizeBytes(Vec values, Batch batch) {
    long rows = batch.selected();
    return switch (values) {
      case Vec.BoolVec _ -> rows;
      case Vec.IntVec _ -> 4 * rows;
      case Vec.LongVec _, Vec.DoubleVec _ -> 8 * rows;
      case Vec.Int128Vec _ -> 16 * rows;
      case Vec.BytesVec bytes -> {
        long size = 8 * rows;
        for (int i = 0; i < rows; i++) {
          size += bytes.length()[batch.row(i)];
        }
        yield size;
      }
    };
  }

  /** Appends a value in the Java form of {@link PhysicalType}; null = NULL. */
  public final void append(@Nullable Object value) {
    int row = grow(value == null);
    if (value != null) {
      set(row, value);
    }
  }

  /** Appends the value that the reader is at, of the same type. */
  public final void append(RowReader from) {
    int row = grow(from.isNull());
    if (!from.isNull()) {
      read(row, from);
    }
  }

  /** Appends value {@code row} of a vector of the same type. */
  public final void append(Vec from, int row) {
    boolean isNull = from.isNull(row);
    int at = grow(isNull);
    if (!isNull) {
      copy(at, from, row);
    }
  }

  /** Appends value {@code row} of a builder of the same type. */
  public final void appendFrom(ColumnBuilder from, int row) {
    boolean isNull = (from.validity[row >>> 6] & (1L << (row & 63))) == 0;
    int at = grow(isNull);
    if (!isNull) {
      copy(at, from, row);
    }
  }

  /** Appends the live rows of a batch from a vector of the same type. */
  public final void appendAll(Vec from, Batch batch) {
    if (from.hasNulls() || batch.selection() != null) {
      for (int i = 0; i < batch.selected(); i++) {
        append(from, batch.row(i));
      }
      return;
    }
    int at = size;
    size += batch.selected();
    reserveValidity();
    for (int row = at; row < size; ) {
      int bits = Math.min(64 - (row & 63), size - row);
      validity[row >>> 6] |= -1L >>> (64 - bits) << (row & 63);
      row += bits;
    }
    reserve(size);
    copyAll(at, from, batch.selected());
  }

  private void reserveValidity() {
    int words = Validity.words(size);
    if (words > validity.length) {
      validity = Arrays.copyOf(validity, Math.max(words, validity.length * 2));
    }
  }

  private int grow(boolean isNull) {
    int row = size++;
    reserveValidity();
    if (isNull) {
      anyNull = true;
    } else {
      Validity.setValid(validity, row);
    }
    reserve(size);
    return row;
  }

  /** All values; the builder must not be used afterwards. */
  public abstract Vec build();

  /** Bytes that this holds, for values and for room to grow. */
  public final long heldBytes() {
    return 8L * validity.length + valueBytes();
  }

  /** Gives up room to grow where that may be much. */
  public void trim() {
    // What is left of a column of a fixed width is counted in heldBytes.
  }

  abstract long valueBytes();

  abstract void reserve(int rows);

  abstract void set(int row, Object value);

  abstract void read(int row, RowReader from);

  abstract void copy(int row, Vec from, int fromRow);

  abstract void copy(int row, ColumnBuilder from, int fromRow);

  /** Copies the first {@code count} values, none of them null, to {@code row} and on. */
  abstract void copyAll(int row, Vec from, int count);

  final long @Nullable [] builtValidity() {
    return anyNull ? validity : null;
  }
}
