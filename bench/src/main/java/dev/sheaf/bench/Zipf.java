package dev.sheaf.bench;

import java.util.random.RandomGenerator;

/**
 * Keys of which few are asked for often, spread over the whole range, as YCSB's scrambled zipfian
 * generator draws them: Gray et al., "Quickly Generating Billion-Record Synthetic Databases".
 * Immutable.
 */
final class Zipf {
  private static final double THETA = 0.99;
  private static final long FNV_OFFSET = 0xCBF29CE484222325L;
  private static final long FNV_PRIME = 1099511628211L;

  private final long items;
  private final double zeta;
  private final double alpha = 1 / (1 - THETA);
  private final double eta;

  Zipf(long items) {
    this.items = items;
    double sum = 0;
    for (long i = 1; i <= items; i++) {
      sum += 1 / Math.pow(i, THETA);
    }
    this.zeta = sum;
    double zetaOfTwo = 1 + Math.pow(0.5, THETA);
    this.eta = (1 - Math.pow(2.0 / items, 1 - THETA)) / (1 - zetaOfTwo / zeta);
  }

  /** From 0 to the number of items, exclusive. */
  long next(RandomGenerator random) {
    return Math.floorMod(fnv(rank(random.nextDouble())), items);
  }

  private long rank(double u) {
    double uz = u * zeta;
    if (uz < 1) {
      return 0;
    }
    if (uz < 1 + Math.pow(0.5, THETA)) {
      return 1;
    }
    return (long) (items * Math.pow(eta * u - eta + 1, alpha));
  }

  private static long fnv(long value) {
    long hash = FNV_OFFSET;
    for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
      hash = (hash ^ (value >>> shift & 0xFF)) * FNV_PRIME;
    }
    return hash;
  }
}
