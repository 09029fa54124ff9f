package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.AggregateFn;
import dev.sheaf.columnar.kernel.Vectors;
import dev.sheaf.columnar.vector.Validity;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import dev.sheaf.columnar.vector.Vec.Int128Vec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.protocol.type.SqlType;
import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/**
 * SUM and AVG of doubles, variances and standard deviations of any number: count, mean and sum of
 * squared differences by Welford, merged by Chan et al. (1983). SUM keeps the plain sum.
 */
final class DoubleMoments implements Accumulator {
  private final AggregateFn fn;
  private final SqlType argument;
  private final SqlType type;
  private final Reservation memory;
  private final boolean spread;
  private double[] sums = new double[0];
  private double[] means = new double[0];
  private double[] squares = new double[0];
  private long[] counts = new long[0];

  DoubleMoments(AggregateFn fn, SqlType argument, SqlType type, Reservation memory) {
    this.fn = fn;
    this.argument = argument;
    this.type = type;
    this.memory = memory;
    this.spread = fn != AggregateFn.SUM && fn != AggregateFn.AVG;
  }

  @Override
  public void ensure(int groups) {
    counts = memory.grow(counts, groups);
    if (spread) {
      means = memory.grow(means, groups);
      squares = memory.grow(squares, groups);
    } else {
      sums = memory.grow(sums, groups);
    }
  }

  @Override
  public void add(@Nullable Vec vec, int @Nullable [] rows, int @Nullable [] groups, int n) {
    double[] in = doubles(vec, rows, n);
    boolean direct = vec instanceof DoubleVec;
    for (int k = 0; k < n; k++) {
      double v = in[direct && rows != null ? rows[k] : k];
      int g = groups == null ? 0 : groups[k];
      counts[g]++;
      if (spread) {
        double delta = v - means[g];
        means[g] += delta / counts[g];
        squares[g] += delta * (v - means[g]);
      } else {
        sums[g] += v;
      }
    }
  }

  /** A double vector's own array, or the k-th value at k. */
  private double[] doubles(@Nullable Vec vec, int @Nullable [] rows, int n) {
    if (vec instanceof DoubleVec v) {
      return v.values();
    }
    double[] out = new double[n];
    double unit = Math.pow(10, argument.scale());
    for (int k = 0; k < n; k++) {
      int i = rows == null ? k : rows[k];
      out[k] =
          switch (vec) {
            case IntVec v -> v.values()[i];
            case LongVec v -> v.values()[i] / unit;
            case Int128Vec v ->
                new BigDecimal(Int128Vec.toBigInteger(v.high()[i], v.low()[i]), argument.scale())
                    .doubleValue();
            case null, default -> throw new IllegalArgumentException("not a number: " + vec);
          };
    }
    return out;
  }

  @Override
  public void merge(Accumulator other, int[] from, int[] to, int n) {
    DoubleMoments in = (DoubleMoments) other;
    for (int k = 0; k < n; k++) {
      int f = from[k];
      int t = to[k];
      if (in.counts[f] == 0) {
        continue;
      }
      long total = counts[t] + in.counts[f];
      if (spread && counts[t] == 0) {
        // Not by the formula, whose square of a large mean overflows.
        means[t] = in.means[f];
        squares[t] = in.squares[f];
      } else if (spread) {
        double delta = in.means[f] - means[t];
        squares[t] += in.squares[f] + delta * delta * ((double) counts[t] * in.counts[f] / total);
        means[t] += delta * in.counts[f] / total;
      } else {
        sums[t] += in.sums[f];
      }
      counts[t] = total;
    }
  }

  @Override
  public Vec result(int[] groups, int n) {
    double[] out = new double[n];
    long[] validity = Validity.allValid(n);
    for (int k = 0; k < n; k++) {
      int g = groups[k];
      boolean sample = fn == AggregateFn.STDDEV_SAMP || fn == AggregateFn.VAR_SAMP;
      if (counts[g] == 0 || (sample && counts[g] == 1)) {
        Validity.setNull(validity, k);
      } else {
        out[k] = value(g);
      }
    }
    if (type.physical() == PhysicalType.DOUBLE) {
      return new DoubleVec(out, validity, n);
    }
    return decimals(out, validity, n);
  }

  private double value(int g) {
    return switch (fn) {
      case SUM -> real(sums[g]);
      case AVG -> real(sums[g] / counts[g]);
      case VAR_POP -> squares[g] / counts[g];
      case VAR_SAMP -> squares[g] / (counts[g] - 1);
      case STDDEV_POP -> Math.sqrt(squares[g] / counts[g]);
      default -> Math.sqrt(squares[g] / (counts[g] - 1));
    };
  }

  private double real(double v) {
    return type.kind() == SqlType.Kind.REAL ? (float) v : v;
  }

  private Vec decimals(double[] in, long[] validity, int n) {
    @Nullable Object[] out = new Object[n];
    for (int k = 0; k < n; k++) {
      if ((validity[k >>> 6] >>> (k & 63) & 1) != 0) {
        if (Double.isNaN(in[k]) || Double.isInfinite(in[k])) {
          throw new SheafException(
              ErrorCode.NUMERIC_VALUE_OUT_OF_RANGE, "cannot convert " + in[k] + " to " + type);
        }
        var unscaled =
            new BigDecimal(in[k]).setScale(type.scale(), RoundingMode.HALF_UP).unscaledValue();
        if (type.physical() == PhysicalType.INT128) {
          out[k] = unscaled;
        } else {
          out[k] = unscaled.longValueExact();
        }
      }
    }
    return Vectors.of(type.physical(), out);
  }
}
