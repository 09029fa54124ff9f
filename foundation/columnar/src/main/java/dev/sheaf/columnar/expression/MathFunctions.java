package dev.sheaf.columnar.expression;

import dev.sheaf.columnar.kernel.Int128;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.SqlType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/** Arithmetic operators by type, sign and rounding functions, transcendental functions. */
final class MathFunctions {
  private MathFunctions() {}

  static Evaluator binary(Fn fn, SqlType type, Evaluator left, Evaluator right) {
    return switch (left.type().kind()) {
      case SMALLINT, INTEGER, BIGINT -> new IntegerFunction(fn, type, left, right);
      case REAL, DOUBLE -> new DoubleFunction(fn, type, left, right);
      case DECIMAL -> new DecimalFunction(fn, type, left, right);
      case INTERVAL_YEAR_MONTH, INTERVAL_DAY_TIME -> new IntegerFunction(fn, type, left, right);
      default -> throw EvaluationErrors.unsupported(fn, left.type());
    };
  }

  /** NEGATE, ABS, SIGN, CEIL, FLOOR; ROUND and TRUNCATE with their optional number of digits. */
  static Evaluator rounding(Fn fn, SqlType type, Evaluator[] args) {
    Evaluator x = args[0];
    boolean digits = args.length > 1;
    return switch (x.type().kind()) {
      case SMALLINT, INTEGER, BIGINT, INTERVAL_YEAR_MONTH, INTERVAL_DAY_TIME ->
          integers(fn, type, args, digits);
      case REAL, DOUBLE ->
          RowFunction.of(
              type,
              (RowFunction.ToDouble)
                  (in, i) -> {
                    double v = ((DoubleVec) in[0]).values()[i];
                    int places = digits ? ((IntVec) in[1]).values()[i] : 0;
                    return roundDouble(fn, v, places);
                  },
              args);
      case DECIMAL -> new DecimalRounding(fn, type, args);
      default -> throw EvaluationErrors.unsupported(fn, x.type());
    };
  }

  private static Evaluator integers(Fn fn, SqlType type, Evaluator[] args, boolean digits) {
    if (args[0].type().physical() == dev.sheaf.protocol.type.PhysicalType.INT) {
      return RowFunction.of(
          type,
          (RowFunction.ToInt)
              (in, i) -> {
                int places = digits ? ((IntVec) in[1]).values()[i] : 0;
                long v = roundLong(fn, ((IntVec) in[0]).values()[i], places, type);
                boolean fits = type.kind() == SqlType.Kind.SMALLINT ? v == (short) v : v == (int) v;
                if (!fits) {
                  throw EvaluationErrors.outOfRange(type);
                }
                return (int) v;
              },
          args);
    }
    return RowFunction.of(
        type,
        (RowFunction.ToLong)
            (in, i) -> {
              int places = digits ? ((IntVec) in[1]).values()[i] : 0;
              return roundLong(fn, ((LongVec) in[0]).values()[i], places, type);
            },
        args);
  }

  private static long roundLong(Fn fn, long v, int places, SqlType type) {
    try {
      return switch (fn) {
        case NEGATE -> Math.negateExact(v);
        case ABS -> Math.absExact(v);
        case SIGN -> Long.signum(v);
        case ROUND, TRUNCATE -> {
          if (places >= 0) {
            yield v;
          }
          if (places < -18) {
            yield 0;
          }
          long unit = Int128.longPower(-places);
          yield fn == Fn.ROUND
              ? Math.multiplyExact(Int128.divideRounded(v, unit), unit)
              : v / unit * unit;
        }
        default -> v;
      };
    } catch (ArithmeticException overflow) {
      throw EvaluationErrors.outOfRange(type);
    }
  }

  private static double roundDouble(Fn fn, double v, int places) {
    return switch (fn) {
      case NEGATE -> -v;
      case ABS -> Math.abs(v);
      case SIGN -> Double.isNaN(v) ? v : Math.signum(v) + 0.0;
      case CEIL -> Math.ceil(v);
      case FLOOR -> Math.floor(v);
      default -> {
        if (Double.isNaN(v) || Double.isInfinite(v) || places > 330) {
          yield v;
        }
        RoundingMode mode = fn == Fn.ROUND ? RoundingMode.HALF_UP : RoundingMode.DOWN;
        yield places < -330
            ? 0
            : new BigDecimal(Double.toString(v)).setScale(places, mode).doubleValue();
      }
    };
  }

  /** Sign and rounding functions of DECIMALs. */
  private static final class DecimalRounding extends StrictFunction {
    private final Fn fn;
    private final int scale;

    DecimalRounding(Fn fn, SqlType type, Evaluator[] args) {
      super(type, args);
      this.fn = fn;
      this.scale = args[0].type().scale();
    }

    @Override
    Vec compute(Vec[] in, long @Nullable [] validity, Batch batch) {
      var out = new Decimals.Output(type(), batch.rows());
      LiveRows live = live(batch, validity);
      for (int k = 0; k < live.count(); k++) {
        int i = live.rows()[k];
        int places = in.length > 1 ? ((IntVec) in[1]).values()[i] : 0;
        out.set(i, round(Decimals.unscaled(in[0], i), places));
      }
      return out.build(validity);
    }

    private BigInteger round(BigInteger v, int places) {
      int to = type().scale();
      return switch (fn) {
        case NEGATE -> Decimals.rescale(v.negate(), scale, to);
        case ABS -> Decimals.rescale(v.abs(), scale, to);
        case SIGN -> Decimals.rescale(BigInteger.valueOf(v.signum()), 0, to);
        case CEIL -> rounded(v, 0, RoundingMode.CEILING);
        case FLOOR -> rounded(v, 0, RoundingMode.FLOOR);
        case ROUND -> rounded(v, places, RoundingMode.HALF_UP);
        default -> rounded(v, places, RoundingMode.DOWN);
      };
    }

    private BigInteger rounded(BigInteger v, int places, RoundingMode mode) {
      int digits = Math.clamp(places, -SqlType.MAX_DECIMAL_PRECISION, scale);
      return new BigDecimal(v, scale)
          .setScale(digits, mode)
          .setScale(type().scale(), RoundingMode.HALF_UP)
          .unscaledValue();
    }
  }

  /** Functions of one or two DOUBLEs. */
  static Evaluator transcendental(Fn fn, SqlType type, Evaluator[] args) {
    for (Evaluator arg : args) {
      if (arg.type().physical() != dev.sheaf.protocol.type.PhysicalType.DOUBLE) {
        throw EvaluationErrors.unsupported(fn, arg.type());
      }
    }
    return RowFunction.of(
        type,
        (RowFunction.ToDouble)
            (in, i) -> {
              double x = ((DoubleVec) in[0]).values()[i];
              double y = in.length > 1 ? ((DoubleVec) in[1]).values()[i] : 0;
              double result = apply(fn, x, y);
              if (Double.isInfinite(result)
                  && !Double.isInfinite(x)
                  && !Double.isInfinite(y)
                  && fn != Fn.COT) {
                throw EvaluationErrors.floatOverflow();
              }
              return result;
            },
        args);
  }

  private static double apply(Fn fn, double x, double y) {
    return switch (fn) {
      case SQRT -> {
        require(
            !(x < 0),
            ErrorCode.INVALID_ARGUMENT_FOR_POWER_FUNCTION,
            "cannot take square root of a negative number");
        yield Math.sqrt(x);
      }
      case EXP -> Math.exp(x);
      case LN, LOG10 -> {
        require(x != 0, ErrorCode.INVALID_ARGUMENT_FOR_LOGARITHM, "cannot take logarithm of zero");
        require(
            !(x < 0),
            ErrorCode.INVALID_ARGUMENT_FOR_LOGARITHM,
            "cannot take logarithm of a negative number");
        yield fn == Fn.LN ? Math.log(x) : Math.log10(x);
      }
      case POWER -> {
        require(
            !(x == 0 && y < 0),
            ErrorCode.INVALID_ARGUMENT_FOR_POWER_FUNCTION,
            "zero raised to a negative power is undefined");
        require(
            !(x < 0 && !Double.isInfinite(x) && y != Math.rint(y)),
            ErrorCode.INVALID_ARGUMENT_FOR_POWER_FUNCTION,
            "a negative number raised to a non-integer power yields a complex result");
        yield x == 1 ? 1 : Math.pow(x, y);
      }
      case SIN, COS, TAN, COT -> {
        require(
            !Double.isInfinite(x), ErrorCode.NUMERIC_VALUE_OUT_OF_RANGE, "input is out of range");
        yield fn == Fn.SIN
            ? Math.sin(x)
            : fn == Fn.COS ? Math.cos(x) : fn == Fn.TAN ? Math.tan(x) : 1 / Math.tan(x);
      }
      case ASIN, ACOS -> {
        require(!(x < -1 || x > 1), ErrorCode.NUMERIC_VALUE_OUT_OF_RANGE, "input is out of range");
        yield fn == Fn.ASIN ? Math.asin(x) : Math.acos(x);
      }
      case ATAN -> Math.atan(x);
      case ATAN2 -> Math.atan2(x, y);
      case DEGREES -> Math.toDegrees(x);
      case RADIANS -> Math.toRadians(x);
      default -> Math.cbrt(x);
    };
  }

  private static void require(boolean holds, ErrorCode code, String message) {
    if (!holds) {
      throw new SheafException(code, message);
    }
  }
}
