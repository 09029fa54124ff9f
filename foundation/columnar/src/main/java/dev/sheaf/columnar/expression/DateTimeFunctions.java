package dev.sheaf.columnar.expression;

import dev.sheaf.columnar.expression.RowFunction.ToInt;
import dev.sheaf.columnar.expression.RowFunction.ToLong;
import dev.sheaf.columnar.text.ZonedMicros;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.protocol.type.SqlType;
import dev.sheaf.protocol.type.SqlType.Kind;
import java.time.LocalDate;
import java.time.ZoneId;

/** Arithmetic on dates, times and intervals. */
final class DateTimeFunctions {
  private DateTimeFunctions() {}

  /** x + interval, or x - interval with sign -1. */
  static Evaluator addInterval(
      int sign, SqlType type, Evaluator x, Evaluator interval, ZoneId zone) {
    Kind from = x.type().kind();
    boolean months = interval.type().kind() == Kind.INTERVAL_YEAR_MONTH;
    if (from == Kind.INTERVAL_DAY_TIME || from == Kind.INTERVAL_YEAR_MONTH) {
      return MathFunctions.binary(sign > 0 ? Fn.ADD : Fn.SUBTRACT, type, x, interval);
    }
    if (type.kind() == Kind.DATE) {
      return RowFunction.of(
          type,
          (ToInt) (in, i) -> DateTimeCasts.dayOf(shifted(from, in, i, sign, months, zone, type)),
          x,
          interval);
    }
    if (type.kind() == Kind.TIME) {
      return RowFunction.of(
          type,
          (ToLong)
              (in, i) ->
                  Math.floorMod(
                      ((LongVec) in[0]).values()[i]
                          + (months
                              ? 0
                              : sign * ((LongVec) in[1]).values()[i] % ZonedMicros.PER_DAY),
                      ZonedMicros.PER_DAY),
          x,
          interval);
    }
    boolean zoned = type.kind() == Kind.TIMESTAMPTZ;
    return RowFunction.of(
        type,
        (ToLong)
            (in, i) -> {
              if (zoned && from == Kind.TIMESTAMPTZ && !months) {
                return add(
                    ((LongVec) in[0]).values()[i], sign, ((LongVec) in[1]).values()[i], type);
              }
              long local = shifted(from, in, i, sign, months, zone, type);
              return zoned ? ZonedMicros.toInstant(local, zone) : local;
            },
        x,
        interval);
  }

  private static long shifted(
      Kind from, Vec[] in, int row, int sign, boolean months, ZoneId zone, SqlType type) {
    long local = DateTimeCasts.localMicros(from, in[0], row, zone);
    if (!months) {
      return add(local, sign, ((LongVec) in[1]).values()[row], type);
    }
    long day = Math.floorDiv(local, ZonedMicros.PER_DAY);
    long ofDay = Math.floorMod(local, ZonedMicros.PER_DAY);
    long shift = (long) sign * ((IntVec) in[1]).values()[row];
    long moved = LocalDate.ofEpochDay(day).plusMonths(shift).toEpochDay();
    try {
      return Math.addExact(Math.multiplyExact(moved, ZonedMicros.PER_DAY), ofDay);
    } catch (ArithmeticException overflow) {
      throw EvaluationErrors.dateTimeOutOfRange(type);
    }
  }

  private static long add(long micros, int sign, long interval, SqlType type) {
    try {
      return sign > 0 ? Math.addExact(micros, interval) : Math.subtractExact(micros, interval);
    } catch (ArithmeticException overflow) {
      throw EvaluationErrors.dateTimeOutOfRange(type);
    }
  }

  static Evaluator difference(SqlType type, Evaluator left, Evaluator right) {
    if (left.type().kind() == Kind.DATE) {
      return RowFunction.of(
          type,
          (ToInt) (in, i) -> ((IntVec) in[0]).values()[i] - ((IntVec) in[1]).values()[i],
          left,
          right);
    }
    return RowFunction.of(
        type,
        (ToLong)
            (in, i) -> add(((LongVec) in[0]).values()[i], -1, ((LongVec) in[1]).values()[i], type),
        left,
        right);
  }

  static Evaluator addDays(SqlType type, Evaluator date, Evaluator days) {
    return RowFunction.of(
        type,
        (ToInt)
            (in, i) -> {
              long sum = (long) ((IntVec) in[0]).values()[i] + ((IntVec) in[1]).values()[i];
              if (sum != (int) sum) {
                throw EvaluationErrors.dateTimeOutOfRange(type);
              }
              return (int) sum;
            },
        date,
        days);
  }

  static Evaluator multiplyInterval(SqlType type, Evaluator interval, Evaluator factor) {
    if (type.physical() == PhysicalType.INT) {
      return RowFunction.of(
          type,
          (ToInt)
              (in, i) -> {
                double product = ((IntVec) in[0]).values()[i] * number(in[1], i);
                if (!(Math.abs(product) <= Integer.MAX_VALUE)) {
                  throw intervalOutOfRange();
                }
                return (int) Math.rint(product);
              },
          interval,
          factor);
    }
    return RowFunction.of(
        type,
        (ToLong)
            (in, i) -> {
              long micros = ((LongVec) in[0]).values()[i];
              if (in[1] instanceof DoubleVec d) {
                double product = micros * d.values()[i];
                if (!(Math.abs(product) < 0x1p63)) {
                  throw intervalOutOfRange();
                }
                return (long) Math.rint(product);
              }
              try {
                return Math.multiplyExact(micros, (long) number(in[1], i));
              } catch (ArithmeticException overflow) {
                throw intervalOutOfRange();
              }
            },
        interval,
        factor);
  }

  private static double number(Vec vec, int row) {
    return switch (vec) {
      case IntVec v -> v.values()[row];
      case LongVec v -> v.values()[row];
      case DoubleVec v -> v.values()[row];
      default -> throw EvaluationErrors.unsupported(Fn.MULTIPLY_INTERVAL, SqlType.DOUBLE);
    };
  }

  private static SheafException intervalOutOfRange() {
    return new SheafException(ErrorCode.INTERVAL_FIELD_OVERFLOW, "interval out of range");
  }
}
