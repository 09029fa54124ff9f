package dev.sheaf.columnar.arrow;

import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BoolVec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import dev.sheaf.columnar.vector.Vec.Int128Vec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.protocol.type.SqlType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.FieldVector;

/**
 * Writes one column of collected rows into a fresh Arrow vector: one bulk copy for each range whose
 * rows lie together, one gather into a scratch array and a bulk copy for a selection. Stateless.
 */
sealed interface ColumnWriter permits ColumnWriter.Fixed, ColumnWriter.Bits, BytesWriter {

  /** Replaces the content of {@code out} by the column's values in the ranges. */
  void write(List<RowRange> ranges, int column, FieldVector out, int rows);

  static ColumnWriter of(SqlType type) {
    return switch (type.kind()) {
      case BOOLEAN -> new Bits();
      case SMALLINT -> new Fixed(2, ColumnWriter::shorts);
      case INTEGER, DATE, INTERVAL_YEAR_MONTH -> new Fixed(4, ColumnWriter::ints);
      case BIGINT, TIME, TIMESTAMP, TIMESTAMPTZ, INTERVAL_DAY_TIME ->
          new Fixed(8, ColumnWriter::longs);
      case REAL -> new Fixed(4, ColumnWriter::floats);
      case DOUBLE -> new Fixed(8, ColumnWriter::doubles);
      case DECIMAL ->
          type.physical() == PhysicalType.LONG
              ? new Fixed(16, ColumnWriter::shortDecimals)
              : new Fixed(16, ColumnWriter::longDecimals);
      case VARCHAR, CHAR, BYTEA -> BytesWriter.PLAIN;
      case UUID -> BytesWriter.UUID_TEXT;
      case NULL -> BytesWriter.NULLS;
    };
  }

  /** Copies a range's values to the head of a little-endian buffer. */
  interface Copy {
    void copy(Vec source, RowRange range, ByteBuffer out);
  }

  /** Values of one width. */
  record Fixed(int width, Copy values) implements ColumnWriter {
    @Override
    public void write(List<RowRange> ranges, int column, FieldVector out, int rows) {
      var vector = (BaseFixedWidthVector) out;
      vector.allocateNew(rows);
      ArrowBuf data = vector.getDataBuffer();
      long at = 0;
      for (RowRange range : ranges) {
        int bytes = Math.multiplyExact(range.count(), width);
        ByteBuffer slot = data.nioBuffer(at, bytes).order(ByteOrder.LITTLE_ENDIAN);
        values.copy(range.column(column), range, slot);
        at += bytes;
      }
      writeValidity(ranges, column, vector.getValidityBuffer(), rows);
      vector.setValueCount(rows);
    }
  }

  /** BOOLEAN: bytes to bits. */
  record Bits() implements ColumnWriter {
    @Override
    public void write(List<RowRange> ranges, int column, FieldVector out, int rows) {
      var vector = (BaseFixedWidthVector) out;
      vector.allocateNew(rows);
      BitPacker bits = new BitPacker(rows);
      for (RowRange range : ranges) {
        byte[] values = ((BoolVec) range.column(column)).values();
        for (int from = 0; from < range.count(); from += 64) {
          int n = Math.min(64, range.count() - from);
          long word = 0;
          for (int i = 0; i < n; i++) {
            word |= (values[range.row(from + i)] & 1L) << i;
          }
          bits.appendWord(word, n);
        }
      }
      bits.copyTo(vector.getDataBuffer());
      writeValidity(ranges, column, vector.getValidityBuffer(), rows);
      vector.setValueCount(rows);
    }
  }

  /** Fills a validity buffer of at least {@code rows} bits. */
  static void writeValidity(List<RowRange> ranges, int column, ArrowBuf target, int rows) {
    BitPacker bits = new BitPacker(rows);
    for (RowRange range : ranges) {
      long[] validity = range.column(column).validity();
      if (validity == null) {
        bits.appendOnes(range.count());
      } else if (range.isContiguous()) {
        bits.append(validity, range.from(), range.count());
      } else {
        appendSelected(bits, validity, range);
      }
    }
    bits.copyTo(target);
  }

  private static void appendSelected(BitPacker bits, long[] validity, RowRange range) {
    for (int from = 0; from < range.count(); from += 64) {
      int n = Math.min(64, range.count() - from);
      long word = 0;
      for (int i = 0; i < n; i++) {
        int row = range.row(from + i);
        word |= ((validity[row >>> 6] >>> (row & 63)) & 1L) << i;
      }
      bits.appendWord(word, n);
    }
  }

  private static void shorts(Vec source, RowRange range, ByteBuffer out) {
    int[] values = ((IntVec) source).values();
    short[] scratch = new short[range.count()];
    for (int i = 0; i < scratch.length; i++) {
      scratch[i] = (short) values[range.row(i)];
    }
    out.asShortBuffer().put(scratch);
  }

  private static void ints(Vec source, RowRange range, ByteBuffer out) {
    int[] values = ((IntVec) source).values();
    if (range.isContiguous()) {
      out.asIntBuffer().put(values, range.from(), range.count());
      return;
    }
    int[] scratch = new int[range.count()];
    for (int i = 0; i < scratch.length; i++) {
      scratch[i] = values[range.row(i)];
    }
    out.asIntBuffer().put(scratch);
  }

  private static void longs(Vec source, RowRange range, ByteBuffer out) {
    long[] values = ((LongVec) source).values();
    if (range.isContiguous()) {
      out.asLongBuffer().put(values, range.from(), range.count());
      return;
    }
    long[] scratch = new long[range.count()];
    for (int i = 0; i < scratch.length; i++) {
      scratch[i] = values[range.row(i)];
    }
    out.asLongBuffer().put(scratch);
  }

  private static void floats(Vec source, RowRange range, ByteBuffer out) {
    double[] values = ((DoubleVec) source).values();
    float[] scratch = new float[range.count()];
    for (int i = 0; i < scratch.length; i++) {
      scratch[i] = (float) values[range.row(i)];
    }
    out.asFloatBuffer().put(scratch);
  }

  private static void doubles(Vec source, RowRange range, ByteBuffer out) {
    double[] values = ((DoubleVec) source).values();
    if (range.isContiguous()) {
      out.asDoubleBuffer().put(values, range.from(), range.count());
      return;
    }
    double[] scratch = new double[range.count()];
    for (int i = 0; i < scratch.length; i++) {
      scratch[i] = values[range.row(i)];
    }
    out.asDoubleBuffer().put(scratch);
  }

  private static void shortDecimals(Vec source, RowRange range, ByteBuffer out) {
    long[] values = ((LongVec) source).values();
    long[] scratch = new long[2 * range.count()];
    for (int i = 0; i < range.count(); i++) {
      long value = values[range.row(i)];
      scratch[2 * i] = value;
      scratch[2 * i + 1] = value >> 63;
    }
    out.asLongBuffer().put(scratch);
  }

  private static void longDecimals(Vec source, RowRange range, ByteBuffer out) {
    Int128Vec values = (Int128Vec) source;
    long[] scratch = new long[2 * range.count()];
    for (int i = 0; i < range.count(); i++) {
      int row = range.row(i);
      scratch[2 * i] = values.low()[row];
      scratch[2 * i + 1] = values.high()[row];
    }
    out.asLongBuffer().put(scratch);
  }
}
