package dev.sheaf.protocol;

/** A number issued when a shard is granted to an owner; it only grows. Every write carries it. */
public record Term(long value) implements Comparable<Term> {
  public static final Term NONE = new Term(0);

  public Term next() {
    return new Term(value + 1);
  }

  @Override
  public int compareTo(Term other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
