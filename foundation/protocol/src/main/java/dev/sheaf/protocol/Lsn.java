package dev.sheaf.protocol;

/**
 * Position in one shard's log, in bytes from the log's beginning. An LSN names the byte that comes
 * next.
 */
public record Lsn(long value) implements Comparable<Lsn> {
  public static final Lsn ZERO = new Lsn(0);

  public Lsn plus(long bytes) {
    return new Lsn(value + bytes);
  }

  @Override
  public int compareTo(Lsn other) {
    return Long.compare(value, other.value);
  }

  public boolean isBefore(Lsn other) {
    return value < other.value;
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
