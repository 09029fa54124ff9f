package dev.sheaf.log;

import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Term;
import java.util.Comparator;

/**
 * How far an acceptor's log reaches, comparable between acceptors: by the term of the last entry,
 * then by length. The one definition of "more advanced"; a promised term has no part in it, since
 * an acceptor may promise a term without holding any of its records.
 */
public record LogPosition(Term lastTerm, Lsn flush) implements Comparable<LogPosition> {
  private static final Comparator<LogPosition> ORDER =
      Comparator.comparing(LogPosition::lastTerm).thenComparing(LogPosition::flush);

  @Override
  public int compareTo(LogPosition other) {
    return ORDER.compare(this, other);
  }
}
