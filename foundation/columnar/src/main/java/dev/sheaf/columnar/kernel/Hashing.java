package dev.sheaf.columnar.kernel;

/**
 * The one hash function of joins, grouping and partitioning: multiply and fold. Its top bits choose
 * partitions, its low bits slots. Pure.
 */
public final class Hashing {
  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

  private Hashing() {}

  public static long mix(long value) {
    long h = (value ^ (value >>> 32)) * MULTIPLIER;
    h ^= h >>> 29;
    h *= 0xBF58476D1CE4E5B9L;
    return h ^ (h >>> 32);
  }

  public static long combine(long hash, long value) {
    return mix(hash * 31 + value);
  }
}
