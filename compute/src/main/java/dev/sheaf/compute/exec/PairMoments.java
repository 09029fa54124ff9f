package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.AggregateFn;
import dev.sheaf.columnar.vector.Validity;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import org.jspecify.annotations.Nullable;

/**
 * Correlation, covariance and linear regression of pairs (y, x): count, sums and sums of squared
 * differences, updated by Youngs and Cramer (1971) as PostgreSQL does, so that digits agree.
 */
final class PairMoments implements Accumulator {
  private final AggregateFn fn;
  private final Reservation memory;
  private long[] counts = new long[0];
  private double[] sumX = new double[0];
  private double[] sumY = new double[0];
  private double[] sxx = new double[0];
  private double[] syy = new double[0];
  private double[] sxy = new double[0];

  PairMoments(AggregateFn fn, Reservation memory) {
    this.fn = fn;
    this.memory = memory;
  }

  @Override
  public void ensure(int groups) {
    counts = memory.grow(counts, groups);
    sumX = memory.grow(sumX, groups);
    sumY = memory.grow(sumY, groups);
    sxx = memory.grow(sxx, groups);
    syy = memory.grow(syy, groups);
    sxy = memory.grow(sxy, groups);
  }

  @Override
  public void add(@Nullable Vec vec, int @Nullable [] rows, int @Nullable [] groups, int n) {
    throw new IllegalArgumentException(fn + " takes two arguments");
  }

  @Override
  public void addAll(Vec[] columns, int @Nullable [] rows, int @Nullable [] groups, int n) {
    double[] ys = ((DoubleVec) columns[0]).values();
    double[] xs = ((DoubleVec) columns[1]).values();
    for (int k = 0; k < n; k++) {
      int i = rows == null ? k : rows[k];
      add(groups == null ? 0 : groups[k], ys[i], xs[i]);
    }
  }

  private void add(int g, double y, double x) {
    long n = ++counts[g];
    sumX[g] += x;
    sumY[g] += y;
    if (n > 1) {
      double dx = x * n - sumX[g];
      double dy = y * n - sumY[g];
      double scale = 1.0 / ((double) n * (n - 1));
      sxx[g] += dx * dx * scale;
      syy[g] += dy * dy * scale;
      sxy[g] += dx * dy * scale;
      return;
    }
    // One value differs from itself by nothing, unless it is no number.
    if (Double.isNaN(x) || Double.isInfinite(x)) {
      sxx[g] = Double.NaN;
      sxy[g] = Double.NaN;
    }
    if (Double.isNaN(y) || Double.isInfinite(y)) {
      syy[g] = Double.NaN;
      sxy[g] = Double.NaN;
    }
  }

  @Override
  public void merge(Accumulator other, int[] from, int[] to, int n) {
    PairMoments in = (PairMoments) other;
    for (int k = 0; k < n; k++) {
      merge(in, from[k], to[k]);
    }
  }

  private void merge(PairMoments in, int f, int t) {
    if (in.counts[f] == 0) {
      return;
    }
    if (counts[t] > 0) {
      double n1 = counts[t];
      double n2 = in.counts[f];
      double share = n1 * n2 / (n1 + n2);
      double dx = sumX[t] / n1 - in.sumX[f] / n2;
      double dy = sumY[t] / n1 - in.sumY[f] / n2;
      sxx[t] += share * dx * dx;
      syy[t] += share * dy * dy;
      sxy[t] += share * dx * dy;
    }
    counts[t] += in.counts[f];
    sumX[t] += in.sumX[f];
    sumY[t] += in.sumY[f];
    sxx[t] += in.sxx[f];
    syy[t] += in.syy[f];
    sxy[t] += in.sxy[f];
  }

  @Override
  public Vec result(int[] groups, int n) {
    if (fn == AggregateFn.REGR_COUNT) {
      long[] out = new long[n];
      for (int k = 0; k < n; k++) {
        out[k] = counts[groups[k]];
      }
      return new LongVec(out, null, n);
    }
    double[] out = new double[n];
    long[] validity = Validity.allValid(n);
    for (int k = 0; k < n; k++) {
      int g = groups[k];
      if (isDefined(g)) {
        out[k] = checked(value(g), g);
      } else {
        Validity.setNull(validity, k);
      }
    }
    return new DoubleVec(out, validity, n);
  }

  private boolean isDefined(int g) {
    return counts[g] > 0
        && switch (fn) {
          case COVAR_SAMP -> counts[g] > 1;
          case CORR -> sxx[g] != 0 && syy[g] != 0;
          case REGR_R2, REGR_SLOPE, REGR_INTERCEPT -> sxx[g] != 0;
          default -> true;
        };
  }

  private double value(int g) {
    return switch (fn) {
      case CORR -> Math.clamp(sxy[g] / Math.sqrt(sxx[g] * syy[g]), -1, 1);
      case COVAR_POP -> sxy[g] / counts[g];
      case COVAR_SAMP -> sxy[g] / (counts[g] - 1);
      case REGR_AVGX -> sumX[g] / counts[g];
      case REGR_AVGY -> sumY[g] / counts[g];
      case REGR_INTERCEPT -> (sumY[g] - sumX[g] * sxy[g] / sxx[g]) / counts[g];
      case REGR_R2 -> syy[g] == 0 ? 1 : sxy[g] * sxy[g] / (sxx[g] * syy[g]);
      case REGR_SLOPE -> sxy[g] / sxx[g];
      case REGR_SXX -> sxx[g];
      case REGR_SXY -> sxy[g];
      default -> syy[g];
    };
  }

  /** Finite numbers must not give an infinite one. */
  private double checked(double value, int g) {
    boolean overflow =
        Double.isInfinite(value) && !Double.isInfinite(sumX[g]) && !Double.isInfinite(sumY[g]);
    if (overflow) {
      throw new SheafException(
          ErrorCode.NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: overflow");
    }
    return value;
  }
}
