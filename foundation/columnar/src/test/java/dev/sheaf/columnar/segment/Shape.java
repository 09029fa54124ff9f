package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.vector.Validity;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BoolVec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import dev.sheaf.columnar.vector.Vec.Int128Vec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.type.PhysicalType;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Kinds of data, each made to lead the writer to another encoding. */
enum Shape {
  CONSTANT,
  RUNS,
  ASCENDING,
  FEW_DISTINCT,
  NARROW,
  /** A few values far apart. */
  SET,
  /** Few distinct at first, then all distinct: a dictionary that is given up. */
  TURNING,
  WILD;

  /** How many of the values are NULL. */
  enum Nulls {
    NONE,
    FEW,
    HALF,
    FIRST_PAGE,
    ALL
  }

  private static final double[] ODD_DOUBLES = {
    0.0,
    -0.0,
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.MIN_VALUE,
    Double.MAX_VALUE,
    0.1,
    123.45,
    -99.99,
    1e15,
    4503599627370497.0
  };
  private static final long[] SET_VALUES = {3, 1_000_003, 77, 123_456_789, -50_000_017, 1};
  private static final long[] ODD_LONGS = {
    0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, Integer.MIN_VALUE, Integer.MAX_VALUE, 1L << 56
  };

  /** A vector of {@code count} values. */
  Vec vec(PhysicalType type, Nulls nulls, int count, Random random) {
    long[] numbers = new long[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = number(i, count, i == 0 ? 0 : numbers[i - 1], random);
    }
    long[] validity = validity(nulls, count, random);
    return switch (type) {
      case BOOL -> {
        byte[] values = new byte[count];
        for (int i = 0; i < count; i++) {
          values[i] = (byte) (numbers[i] & 1);
        }
        yield new BoolVec(values, validity, count);
      }
      case INT -> {
        int[] values = new int[count];
        for (int i = 0; i < count; i++) {
          values[i] = (int) numbers[i];
        }
        yield new IntVec(values, validity, count);
      }
      case LONG -> new LongVec(numbers, validity, count);
      case INT128 -> {
        long[] high = new long[count];
        for (int i = 0; i < count; i++) {
          high[i] = this == WILD ? random.nextLong() : numbers[i] >> 63;
        }
        yield new Int128Vec(high, numbers, validity, count);
      }
      case DOUBLE -> {
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
          values[i] =
              this != WILD
                  ? numbers[i] / 100.0
                  : i % 5 == 0
                      ? ODD_DOUBLES[random.nextInt(ODD_DOUBLES.length)]
                      : Double.longBitsToDouble(random.nextLong());
        }
        yield new DoubleVec(values, validity, count);
      }
      case BYTES -> bytes(numbers, validity, count, random);
    };
  }

  private long number(int i, int count, long before, Random random) {
    return switch (this) {
      case CONSTANT -> 42;
      case RUNS -> random.nextInt(50) == 0 ? random.nextInt(1000) : before;
      case ASCENDING -> before + random.nextInt(3);
      case SET -> SET_VALUES[random.nextInt(SET_VALUES.length)];
      case FEW_DISTINCT -> random.nextInt(12) * 1_000_003L;
      case NARROW -> random.nextInt(1 << (1 + count % 30)) - 17;
      case TURNING -> i < count / 2 ? random.nextInt(7) : random.nextInt();
      case WILD ->
          random.nextInt(4) == 0 ? ODD_LONGS[random.nextInt(ODD_LONGS.length)] : random.nextLong();
    };
  }

  private BytesVec bytes(long[] numbers, long[] validity, int count, Random random) {
    var data = new ByteArrayOutputStream();
    data.write('x'); // views need not begin at 0
    int[] start = new int[count];
    int[] length = new int[count];
    byte[] noise = new byte[300];
    for (int i = 0; i < count; i++) {
      start[i] = data.size();
      if (this == WILD) {
        random.nextBytes(noise);
        data.write(noise, 0, random.nextInt(16) == 0 ? random.nextInt(300) : random.nextInt(12));
      } else {
        data.writeBytes(("value " + numbers[i]).getBytes(StandardCharsets.UTF_8));
      }
      length[i] = data.size() - start[i];
    }
    return BytesVec.of(data.toByteArray(), start, length, validity, count);
  }

  private static long[] validity(Nulls nulls, int count, Random random) {
    if (nulls == Nulls.NONE) {
      return null;
    }
    long[] validity = Validity.allValid(count);
    for (int i = 0; i < count; i++) {
      boolean isNull =
          switch (nulls) {
            case NONE -> false;
            case FEW -> random.nextInt(100) == 0;
            case HALF -> random.nextBoolean();
            case FIRST_PAGE -> i < Page.ROWS;
            case ALL -> true;
          };
      if (isNull) {
        Validity.setNull(validity, i);
      }
    }
    return validity;
  }
}
