package dev.sheaf.columnar.arrow;

import dev.sheaf.columnar.kernel.Int128;
import dev.sheaf.columnar.vector.Validity;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BoolVec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import dev.sheaf.columnar.vector.Vec.Int128Vec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.SqlType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.LongUnaryOperator;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.IntervalUnit;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.jspecify.annotations.Nullable;

/**
 * Columns of fixed width in the type that {@link ArrowTypes#sqlType} names. Where the layouts agree
 * the values are copied in bulk. Stateless.
 */
final class FixedColumns {
  private static final long MILLIS_PER_DAY = 86_400_000L;
  private static final long MICROS_PER_DAY = 86_400_000_000L;

  private FixedColumns() {}

  static Vec read(FieldVector vector, int from, int count) {
    var fixed = (BaseFixedWidthVector) vector;
    long[] validity = validity(vector, from, count);
    ArrowType type = vector.getField().getType();
    return switch (type) {
      case ArrowType.Bool b -> bools(fixed, from, count, validity);
      case ArrowType.Int i -> integers(fixed, i, from, count, validity);
      case ArrowType.FloatingPoint f -> floats(fixed, f, from, count, validity);
      case ArrowType.Decimal d -> decimals(fixed, d, from, count, validity);
      case ArrowType.Date d -> dates(fixed, d, from, count, validity);
      case ArrowType.Time t -> times(fixed, t.getUnit(), from, count, validity);
      case ArrowType.Timestamp t -> micros(fixed, t.getUnit(), from, count, validity);
      case ArrowType.Duration d -> micros(fixed, d.getUnit(), from, count, validity);
      case ArrowType.Interval i -> intervals(fixed, i, from, count, validity);
      default -> throw VectorChecks.invalid("a column of type " + type);
    };
  }

  /** Validity of the rows; null if all are valid. */
  static long @Nullable [] validity(FieldVector vector, int from, int count) {
    if (count == 0 || vector.getNullCount() == 0) {
      return null;
    }
    long[] words = bits(vector.getValidityBuffer(), from, count);
    return Validity.countNulls(words, count) == 0 ? null : words;
  }

  /** Dictionary codes; those beyond an int become -1. */
  static int[] indices(FieldVector vector, int from, int count) {
    Vec values = read(vector, from, count);
    int[] indices = new int[count];
    for (int i = 0; i < count; i++) {
      long code =
          switch (values) {
            case IntVec v -> v.values()[i];
            case LongVec v -> v.values()[i];
            default -> throw VectorChecks.invalid("dictionary codes of this type");
          };
      indices[i] = code == (int) code ? (int) code : -1;
    }
    return indices;
  }

  private static long[] bits(ArrowBuf buffer, int from, int count) {
    long[] words = new long[Validity.words(count)];
    int firstByte = from >>> 3;
    int bytes = ((from + count + 7) >>> 3) - firstByte;
    byte[] raw = new byte[bytes];
    buffer.getBytes(firstByte, raw);
    int shift = from & 7;
    for (int i = 0; i < count; i++) {
      int bit = shift + i;
      words[i >>> 6] |= ((raw[bit >>> 3] >>> (bit & 7)) & 1L) << (i & 63);
    }
    return words;
  }

  private static ByteBuffer slice(BaseFixedWidthVector vector, int from, int count) {
    int width = vector.getTypeWidth();
    return vector
        .getDataBuffer()
        .nioBuffer((long) from * width, Math.multiplyExact(count, width))
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  private static Vec bools(
      BaseFixedWidthVector vector, int from, int count, long @Nullable [] validity) {
    long[] words = count == 0 ? new long[0] : bits(vector.getDataBuffer(), from, count);
    byte[] values = new byte[count];
    for (int i = 0; i < count; i++) {
      values[i] = (byte) ((words[i >>> 6] >>> (i & 63)) & 1);
    }
    return new BoolVec(values, validity, count);
  }

  private static Vec integers(
      BaseFixedWidthVector vector,
      ArrowType.Int type,
      int from,
      int count,
      long @Nullable [] validity) {
    ByteBuffer in = slice(vector, from, count);
    boolean signed = type.getIsSigned();
    if (type.getBitWidth() == 64) {
      long[] values = new long[count];
      in.asLongBuffer().get(values);
      return signed
          ? new LongVec(values, validity, count)
          : new Int128Vec(new long[count], values, validity, count);
    }
    int[] values = new int[count];
    switch (type.getBitWidth()) {
      case 8 -> {
        for (int i = 0; i < count; i++) {
          values[i] = signed ? in.get(i) : in.get(i) & 0xFF;
        }
      }
      case 16 -> {
        for (int i = 0; i < count; i++) {
          values[i] = signed ? in.getShort(2 * i) : in.getShort(2 * i) & 0xFFFF;
        }
      }
      default -> in.asIntBuffer().get(values);
    }
    if (type.getBitWidth() == 32 && !signed) {
      long[] wide = new long[count];
      for (int i = 0; i < count; i++) {
        wide[i] = values[i] & 0xFFFFFFFFL;
      }
      return new LongVec(wide, validity, count);
    }
    return new IntVec(values, validity, count);
  }

  private static Vec floats(
      BaseFixedWidthVector vector,
      ArrowType.FloatingPoint type,
      int from,
      int count,
      long @Nullable [] validity) {
    double[] values = new double[count];
    ByteBuffer in = slice(vector, from, count);
    if (type.getPrecision() == FloatingPointPrecision.DOUBLE) {
      in.asDoubleBuffer().get(values);
    } else {
      for (int i = 0; i < count; i++) {
        values[i] = in.getFloat(4 * i);
      }
    }
    return new DoubleVec(values, validity, count);
  }

  private static Vec decimals(
      BaseFixedWidthVector vector,
      ArrowType.Decimal type,
      int from,
      int count,
      long @Nullable [] validity) {
    int words = vector.getTypeWidth() / 8;
    long[] raw = new long[count * words];
    slice(vector, from, count).asLongBuffer().get(raw);
    long[] low = new long[count];
    long[] high = new long[count];
    for (int i = 0; i < count; i++) {
      low[i] = raw[words * i];
      high[i] = raw[words * i + 1];
      boolean live = validity == null || (validity[i >>> 6] & (1L << (i & 63))) != 0;
      if (live) {
        checkDigits(raw, words, i, Math.min(type.getPrecision(), SqlType.MAX_DECIMAL_PRECISION));
      }
    }
    return type.getPrecision() <= SqlType.MAX_LONG_DECIMAL_PRECISION
        ? new LongVec(low, validity, count)
        : new Int128Vec(high, low, validity, count);
  }

  private static void checkDigits(long[] raw, int words, int i, int precision) {
    long sign = raw[words * i + 1] >> 63;
    boolean fits = words == 2 || (raw[words * i + 2] == sign && raw[words * i + 3] == sign);
    if (!fits || !Int128.fits(raw[words * i + 1], raw[words * i], precision)) {
      throw new SheafException(
          ErrorCode.NUMERIC_VALUE_OUT_OF_RANGE, "a decimal has more than " + precision + " digits");
    }
  }

  private static Vec dates(
      BaseFixedWidthVector vector,
      ArrowType.Date type,
      int from,
      int count,
      long @Nullable [] validity) {
    int[] days = new int[count];
    ByteBuffer in = slice(vector, from, count);
    if (type.getUnit() == DateUnit.DAY) {
      in.asIntBuffer().get(days);
    } else {
      for (int i = 0; i < count; i++) {
        days[i] = (int) Math.floorDiv(in.getLong(8 * i), MILLIS_PER_DAY);
      }
    }
    return new IntVec(days, validity, count);
  }

  private static Vec times(
      BaseFixedWidthVector vector, TimeUnit unit, int from, int count, long @Nullable [] validity) {
    LongVec times = micros(vector, unit, from, count, validity);
    for (int i = 0; i < count; i++) {
      long time = times.values()[i];
      if (!times.isNull(i) && (time < 0 || time >= MICROS_PER_DAY)) {
        throw new SheafException(
            ErrorCode.DATETIME_FIELD_OVERFLOW, "a time of day is outside of 00:00 to 24:00");
      }
    }
    return times;
  }

  /** Times, timestamps and durations of any unit, in microseconds. */
  private static LongVec micros(
      BaseFixedWidthVector vector, TimeUnit unit, int from, int count, long @Nullable [] validity) {
    long[] values = new long[count];
    ByteBuffer in = slice(vector, from, count);
    if (vector.getTypeWidth() == 8) {
      in.asLongBuffer().get(values);
    } else {
      for (int i = 0; i < count; i++) {
        values[i] = in.getInt(4 * i);
      }
    }
    if (unit != TimeUnit.MICROSECOND) {
      LongUnaryOperator convert = toMicros(unit);
      for (int i = 0; i < count; i++) {
        if (validity == null || (validity[i >>> 6] & (1L << (i & 63))) != 0) {
          values[i] = convert.applyAsLong(values[i]);
        }
      }
    }
    return new LongVec(values, validity, count);
  }

  private static LongUnaryOperator toMicros(TimeUnit unit) {
    return switch (unit) {
      case SECOND -> v -> scaled(v, 1_000_000);
      case MILLISECOND -> v -> scaled(v, 1_000);
      case MICROSECOND -> v -> v;
      case NANOSECOND -> FixedColumns::wholeMicros;
    };
  }

  private static long scaled(long value, long factor) {
    if (Math.multiplyHigh(value, factor) != (value * factor) >> 63) {
      throw new SheafException(ErrorCode.DATETIME_FIELD_OVERFLOW, "a timestamp is out of range");
    }
    return value * factor;
  }

  private static long wholeMicros(long nanos) {
    if (nanos % 1000 != 0) {
      throw new SheafException(
              ErrorCode.NUMERIC_VALUE_OUT_OF_RANGE, "a timestamp has a fraction of a microsecond")
          .withHint("Round it to microseconds first; nothing is cut off silently.");
    }
    return nanos / 1000;
  }

  private static Vec intervals(
      BaseFixedWidthVector vector,
      ArrowType.Interval type,
      int from,
      int count,
      long @Nullable [] validity) {
    ByteBuffer in = slice(vector, from, count);
    if (type.getUnit() == IntervalUnit.YEAR_MONTH) {
      int[] months = new int[count];
      in.asIntBuffer().get(months);
      return new IntVec(months, validity, count);
    }
    boolean withMonths = type.getUnit() == IntervalUnit.MONTH_DAY_NANO;
    long[] micros = new long[count];
    for (int i = 0; i < count; i++) {
      if (validity != null && (validity[i >>> 6] & (1L << (i & 63))) == 0) {
        continue;
      }
      if (withMonths) {
        if (in.getInt(16 * i) != 0) {
          throw new SheafException(
              ErrorCode.FEATURE_NOT_SUPPORTED, "an interval mixes months with days or time");
        }
        micros[i] = in.getInt(16 * i + 4) * MICROS_PER_DAY + wholeMicros(in.getLong(16 * i + 8));
      } else {
        micros[i] = in.getInt(8 * i) * MICROS_PER_DAY + in.getInt(8 * i + 4) * 1000L;
      }
    }
    return new LongVec(micros, validity, count);
  }
}
