package dev.sheaf.pageserver.column;

import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BoolVec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import dev.sheaf.columnar.vector.Vec.Int128Vec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.row.RowReader;
import dev.sheaf.protocol.type.PhysicalType;
import java.math.BigInteger;
import java.util.Arrays;

/** Columns whose values all have the same width: one array each, two for INT128. */
abstract sealed class FixedColumnBuilder extends ColumnBuilder {

  static ColumnBuilder ofFixed(PhysicalType type) {
    return switch (type) {
      case BOOL -> new Bools();
      case INT -> new Ints();
      case LONG -> new Longs();
      case INT128 -> new Int128s();
      case DOUBLE -> new Doubles();
      case BYTES -> throw new IllegalArgumentException("BYTES has no fixed width");
    };
  }

  private static final class Bools extends FixedColumnBuilder {
    private byte[] values = new byte[INITIAL_ROWS];

    @Override
    void reserve(int rows) {
      if (rows > values.length) {
        values = Arrays.copyOf(values, Math.max(rows, values.length * 2));
      }
    }

    @Override
    void set(int row, Object value) {
      values[row] = (byte) ((Boolean) value ? 1 : 0);
    }

    @Override
    void read(int row, RowReader from) {
      values[row] = (byte) (from.booleanValue() ? 1 : 0);
    }

    @Override
    void copy(int row, Vec from, int fromRow) {
      values[row] = ((BoolVec) from).values()[fromRow];
    }

    @Override
    void copy(int row, ColumnBuilder from, int fromRow) {
      values[row] = ((Bools) from).values[fromRow];
    }

    @Override
    void copyAll(int row, Vec from, int count) {
      System.arraycopy(((BoolVec) from).values(), 0, values, row, count);
    }

    @Override
    public Vec build() {
      return new BoolVec(values, builtValidity(), size());
    }

    @Override
    long valueBytes() {
      return values.length;
    }
  }

  private static final class Ints extends FixedColumnBuilder {
    private int[] values = new int[INITIAL_ROWS];

    @Override
    void reserve(int rows) {
      if (rows > values.length) {
        values = Arrays.copyOf(values, Math.max(rows, values.length * 2));
      }
    }

    @Override
    void set(int row, Object value) {
      values[row] = (Integer) value;
    }

    @Override
    void read(int row, RowReader from) {
      values[row] = (int) from.longValue();
    }

    @Override
    void copy(int row, Vec from, int fromRow) {
      values[row] = ((IntVec) from).values()[fromRow];
    }

    @Override
    void copy(int row, ColumnBuilder from, int fromRow) {
      values[row] = ((Ints) from).values[fromRow];
    }

    @Override
    void copyAll(int row, Vec from, int count) {
      System.arraycopy(((IntVec) from).values(), 0, values, row, count);
    }

    @Override
    public Vec build() {
      return new IntVec(values, builtValidity(), size());
    }

    @Override
    long valueBytes() {
      return 4L * values.length;
    }
  }

  private static final class Longs extends FixedColumnBuilder {
    private long[] values = new long[INITIAL_ROWS];

    @Override
    void reserve(int rows) {
      if (rows > values.length) {
        values = Arrays.copyOf(values, Math.max(rows, values.length * 2));
      }
    }

    @Override
    void set(int row, Object value) {
      values[row] = (Long) value;
    }

    @Override
    void read(int row, RowReader from) {
      values[row] = from.longValue();
    }

    @Override
    void copy(int row, Vec from, int fromRow) {
      values[row] = ((LongVec) from).values()[fromRow];
    }

    @Override
    void copy(int row, ColumnBuilder from, int fromRow) {
      values[row] = ((Longs) from).values[fromRow];
    }

    @Override
    void copyAll(int row, Vec from, int count) {
      System.arraycopy(((LongVec) from).values(), 0, values, row, count);
    }

    @Override
    public Vec build() {
      return new LongVec(values, builtValidity(), size());
    }

    @Override
    long valueBytes() {
      return 8L * values.length;
    }
  }

  private static final class Int128s extends FixedColumnBuilder {
    private long[] high = new long[INITIAL_ROWS];
    private long[] low = new long[INITIAL_ROWS];

    @Override
    void reserve(int rows) {
      if (rows > high.length) {
        high = Arrays.copyOf(high, Math.max(rows, high.length * 2));
        low = Arrays.copyOf(low, Math.max(rows, low.length * 2));
      }
    }

    @Override
    void set(int row, Object value) {
      BigInteger v = (BigInteger) value;
      high[row] = v.shiftRight(64).longValue();
      low[row] = v.longValue();
    }

    @Override
    void read(int row, RowReader from) {
      high[row] = from.highWord();
      low[row] = from.lowWord();
    }

    @Override
    void copy(int row, Vec from, int fromRow) {
      high[row] = ((Int128Vec) from).high()[fromRow];
      low[row] = ((Int128Vec) from).low()[fromRow];
    }

    @Override
    void copy(int row, ColumnBuilder from, int fromRow) {
      high[row] = ((Int128s) from).high[fromRow];
      low[row] = ((Int128s) from).low[fromRow];
    }

    @Override
    void copyAll(int row, Vec from, int count) {
      System.arraycopy(((Int128Vec) from).high(), 0, high, row, count);
      System.arraycopy(((Int128Vec) from).low(), 0, low, row, count);
    }

    @Override
    public Vec build() {
      return new Int128Vec(high, low, builtValidity(), size());
    }

    @Override
    long valueBytes() {
      return 16L * high.length;
    }
  }

  private static final class Doubles extends FixedColumnBuilder {
    private double[] values = new double[INITIAL_ROWS];

    @Override
    void reserve(int rows) {
      if (rows > values.length) {
        values = Arrays.copyOf(values, Math.max(rows, values.length * 2));
      }
    }

    @Override
    void set(int row, Object value) {
      values[row] = (Double) value;
    }

    @Override
    void read(int row, RowReader from) {
      values[row] = from.doubleValue();
    }

    @Override
    void copy(int row, Vec from, int fromRow) {
      values[row] = ((DoubleVec) from).values()[fromRow];
    }

    @Override
    void copy(int row, ColumnBuilder from, int fromRow) {
      values[row] = ((Doubles) from).values[fromRow];
    }

    @Override
    void copyAll(int row, Vec from, int count) {
      System.arraycopy(((DoubleVec) from).values(), 0, values, row, count);
    }

    @Override
    public Vec build() {
      return new DoubleVec(values, builtValidity(), size());
    }

    @Override
    long valueBytes() {
      return 8L * values.length;
    }
  }
}
