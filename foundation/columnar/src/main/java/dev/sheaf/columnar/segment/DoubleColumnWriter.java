package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.codec.IntegerStream;
import dev.sheaf.columnar.codec.IntegerStream.Access;
import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.columnar.segment.SegmentReader.ZoneMap;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * DOUBLE. Most doubles of a database are decimals: a page of them is stored as integers over a
 * power of ten when that gives back every bit (the idea of ALP, Afroozeh and Boncz 2023), else as
 * IEEE 754 bits.
 */
final class DoubleColumnWriter extends ColumnWriter {
  private static final int MAX_EXPONENT = 6;
  private static final double[] POWERS = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
  private static final double MAX_MANTISSA = 1L << 52;
  private static final int SAMPLE = 32;

  private final long[] bits = new long[Page.ROWS];
  private final long[] mantissas = new long[Page.ROWS];
  private final NullMask mask = new NullMask();
  private int rows;
  private double min = Double.POSITIVE_INFINITY;
  private double max = Double.NEGATIVE_INFINITY;
  private boolean hasNaN;
  private int groupNulls;

  DoubleColumnWriter(SegmentColumn column, Path file) {
    super(column, file);
  }

  @Override
  void append(Vec vec, int @Nullable [] selection, int from, int to) {
    if (!(vec instanceof DoubleVec doubles)) {
      throw wrongType(vec);
    }
    for (int i = from; i < to; i++) {
      int row = row(selection, i);
      add(doubles.values()[row], !doubles.isNull(row));
    }
  }

  private void add(double value, boolean present) {
    if (present) {
      mask.setPresent(rows);
      bits[rows] = Double.doubleToRawLongBits(value);
      if (Double.isNaN(value)) {
        hasNaN = true;
      } else {
        min = Math.min(min, value);
        max = Math.max(max, value);
      }
    } else {
      mask.setNull(rows);
    }
    if (++rows == Page.ROWS) {
      flush();
    }
  }

  private void flush() {
    mask.fill(bits, rows);
    int exponent = mask.nulls() < rows ? decimalExponent() : -1;
    mask.writeHead(exponent >= 0 ? Page.DECIMALS : Page.DOUBLES, rows, page);
    int bodyAt = page.size();
    if (exponent >= 0) {
      page.putByte(exponent);
      IntegerStream.encode(mantissas, rows, Access.RANDOM, page); // decoded in chunks
    } else if (mask.nulls() < rows) {
      IntegerStream.encode(bits, rows, Access.RANDOM, page);
      compressBody(bodyAt);
    }
    emit(rows);
    groupNulls += mask.nulls();
    mask.clear();
    rows = 0;
  }

  /** The least exponent that turns every value into an exact integer, or -1. */
  private int decimalExponent() {
    for (int e = 0; e <= MAX_EXPONENT; e++) {
      if (scales(Math.min(SAMPLE, rows), POWERS[e]) && scales(rows, POWERS[e])) {
        return e;
      }
    }
    return -1;
  }

  private boolean scales(int count, double power) {
    for (int i = 0; i < count; i++) {
      double value = Double.longBitsToDouble(bits[i]);
      double mantissa = Math.rint(value * power);
      // NaN, infinities and -0.0 fail the comparison of bits
      if (!(Math.abs(mantissa) < MAX_MANTISSA)
          || Double.doubleToRawLongBits((long) mantissa / power) != bits[i]) {
        return false;
      }
      mantissas[i] = (long) mantissa;
    }
    return true;
  }

  static double power(int exponent) {
    return POWERS[exponent];
  }

  @Override
  void endGroup() {
    if (rows > 0) {
      flush();
    }
    boolean known = min <= max;
    // widened to both zeros, so that either way of comparing them prunes rightly
    Double low = min == 0 ? -0.0 : min;
    Double high = max == 0 ? 0.0 : max;
    block(new ZoneMap(known ? low : null, known ? high : null, groupNulls, hasNaN), false);
    min = Double.POSITIVE_INFINITY;
    max = Double.NEGATIVE_INFINITY;
    hasNaN = false;
    groupNulls = 0;
  }
}
