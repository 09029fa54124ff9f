package dev.sheaf.log;

import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which term wrote which part of a log: term {@code i} wrote from its start to the next one's.
 *
 * <p>A term has one leader, so (term, start) is the same wherever the term appears, and so is all
 * that lies before the start. Two histories that share a term therefore agree at least up to its
 * start, and within the term as far as both go: that is the {@linkplain #commonPoint common point}.
 * Every history begins with term 0 at LSN 0, so any two share a point until one is {@linkplain
 * #forgetBelow shortened}.
 *
 * @param entries terms strictly ascending, starts ascending, at least one
 */
public record TermHistory(List<Entry> entries) {

  /** Of a log that nobody has written to. */
  public static final TermHistory EMPTY = new TermHistory(List.of(new Entry(Term.NONE, Lsn.ZERO)));

  /**
   * @param start where the term began to write
   */
  public record Entry(Term term, Lsn start) {}

  public TermHistory {
    entries = List.copyOf(entries);
    boolean valid = !entries.isEmpty();
    for (int i = 1; i < entries.size(); i++) {
      Entry before = entries.get(i - 1);
      Entry entry = entries.get(i);
      valid &= before.term.compareTo(entry.term) < 0 && !entry.start.isBefore(before.start);
    }
    if (!valid) {
      throw new SheafException(
          ErrorCode.DATA_CORRUPTED, "terms of a log must ascend with the positions: " + entries);
    }
  }

  /** The latest term that this log was made to follow. */
  public Term lastTerm() {
    return entries.getLast().term;
  }

  /**
   * Position of a log with this history that reaches to {@code flush}. A leader counts as having
   * written an empty record at its start, so a start equal to {@code flush} belongs to it.
   */
  public LogPosition positionAt(Lsn flush) {
    Term term = entries.getFirst().term;
    for (Entry entry : entries) {
      if (entry.start.compareTo(flush) <= 0) {
        term = entry.term;
      }
    }
    return new LogPosition(term, flush);
  }

  /**
   * The history of a log that ends at {@code start} and goes on in a new term. Terms that begin
   * there or later wrote nothing in this log; they are left out, which moves no common point and
   * keeps the history short.
   */
  public TermHistory extend(Term term, Lsn start) {
    List<Entry> extended = new ArrayList<>(entries);
    while (extended.size() > 1 && extended.getLast().start.compareTo(start) >= 0) {
      extended.removeLast();
    }
    extended.add(new Entry(term, start));
    return new TermHistory(extended);
  }

  /** Without the terms that ended at or below a position that is forgotten. */
  public TermHistory forgetBelow(Lsn position) {
    int first = 0;
    while (first + 1 < entries.size() && entries.get(first + 1).start.compareTo(position) <= 0) {
      first++;
    }
    return first == 0 ? this : new TermHistory(entries.subList(first, entries.size()));
  }

  /**
   * The greatest position up to which two logs surely agree; empty if they share no term.
   *
   * @param end where the log with this history ends
   * @param otherEnd where the other log ends
   */
  public Optional<Lsn> commonPoint(Lsn end, TermHistory other, Lsn otherEnd) {
    for (int i = entries.size() - 1; i >= 0; i--) {
      for (int j = other.entries.size() - 1; j >= 0; j--) {
        if (entries.get(i).term.equals(other.entries.get(j).term)) {
          return Optional.of(min(endOf(i, end), other.endOf(j, otherEnd)));
        }
      }
    }
    return Optional.empty();
  }

  private Lsn endOf(int index, Lsn end) {
    return index + 1 < entries.size() ? min(entries.get(index + 1).start, end) : end;
  }

  private static Lsn min(Lsn a, Lsn b) {
    return a.isBefore(b) ? a : b;
  }
}
