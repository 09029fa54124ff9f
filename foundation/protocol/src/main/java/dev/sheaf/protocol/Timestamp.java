package dev.sheaf.protocol;

/**
 * A point of a database's history: 46 bits of milliseconds since the epoch, then 18 bits of logical
 * counter. Issued by the database's timestamp oracle; never repeats, never goes back. Compare as
 * unsigned is not needed: the top bit stays clear until the year 4199.
 */
public record Timestamp(long value) implements Comparable<Timestamp> {
  public static final int LOGICAL_BITS = 18;
  public static final Timestamp ZERO = new Timestamp(0);
  public static final Timestamp MAX = new Timestamp(Long.MAX_VALUE);

  /** The first timestamp of a millisecond. */
  public static Timestamp ofMillis(long epochMillis) {
    return new Timestamp(epochMillis << LOGICAL_BITS);
  }

  /**
   * The last timestamp of a millisecond, which is what a moment means that people name: all that
   * was committed in it is in. MAX from the year 4199 on.
   */
  public static Timestamp endOfMillis(long epochMillis) {
    return epochMillis >= MAX.millis() ? MAX : new Timestamp(ofMillis(epochMillis + 1).value - 1);
  }

  public long millis() {
    return value >>> LOGICAL_BITS;
  }

  public boolean isAfter(Timestamp other) {
    return value > other.value;
  }

  @Override
  public int compareTo(Timestamp other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return millis() + "." + (value & ((1L << LOGICAL_BITS) - 1));
  }
}
