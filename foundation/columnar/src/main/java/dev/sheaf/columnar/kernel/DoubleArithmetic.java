package dev.sheaf.columnar.kernel;

/** Double arithmetic over whole arrays. Overflow to infinity is found by {@link #notFinite}. */
public final class DoubleArithmetic {
  private DoubleArithmetic() {}

  public static void add(double[] a, double[] b, double[] out, int n) {
    for (int i = 0; i < n; i++) {
      out[i] = a[i] + b[i];
    }
  }

  public static void subtract(double[] a, double[] b, double[] out, int n) {
    for (int i = 0; i < n; i++) {
      out[i] = a[i] - b[i];
    }
  }

  public static void multiply(double[] a, double[] b, double[] out, int n) {
    for (int i = 0; i < n; i++) {
      out[i] = a[i] * b[i];
    }
  }

  public static void divide(double[] a, double[] b, double[] out, int n) {
    for (int i = 0; i < n; i++) {
      out[i] = a[i] / b[i];
    }
  }

  /** Whether any value is infinite or NaN: x * 0 is 0 for finite x, NaN else. */
  public static boolean notFinite(double[] a, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += a[i] * 0.0;
    }
    return Double.isNaN(sum);
  }

  /** Rounds to REAL's values. */
  public static void toReal(double[] a, int n) {
    for (int i = 0; i < n; i++) {
      a[i] = (float) a[i];
    }
  }
}
