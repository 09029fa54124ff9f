package dev.sheaf.pageserver.shard;

import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.rpc.shard.ShardService.TransactionStatus;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * What became of recent transactions, bounded in number and age. Everything in it lies in the log
 * or in a manifest, so the next owner knows it too.
 *
 * <p>Whoever asks about a transaction that is not here gets an honest answer. If the table reaches
 * back to before the transaction began (version 7 ids tell when that was, by the oracle's time), or
 * to the beginning of the shard, it has not committed; but that it never will can be said only once
 * its abort is in the log. Else nobody knows any more. A transaction whose abort was forgotten is
 * still refused: its snapshot is older than the oldest abort that is remembered. Pure; not
 * thread-safe.
 */
public final class OutcomeTable {
  public static final int MAX_COMMITS = 65_536;
  static final int MAX_ABORTS = 16_384;
  static final long MAX_AGE_MILLIS = 15 * 60_000;

  /** How much the clock that made an id may be ahead of the one that makes the next. */
  private static final long CLOCK_TOLERANCE_MILLIS = 1_000;

  private final LinkedHashMap<TransactionId, Timestamp> commits = new LinkedHashMap<>();
  private final LinkedHashMap<TransactionId, Timestamp> aborts = new LinkedHashMap<>();
  private Timestamp completeFrom;
  private Timestamp abortsCompleteFrom;

  /**
   * @param completeFrom transactions that began or committed before it may be missing; ZERO: none
   *     is
   * @param abortsCompleteFrom likewise of aborts
   */
  public OutcomeTable(Timestamp completeFrom, Timestamp abortsCompleteFrom) {
    this.completeFrom = completeFrom;
    this.abortsCompleteFrom = abortsCompleteFrom;
  }

  /** Called in timestamp order. */
  public void committed(TransactionId transaction, Timestamp timestamp) {
    commits.put(transaction, timestamp);
    Iterator<Map.Entry<TransactionId, Timestamp>> oldestFirst = commits.entrySet().iterator();
    while (oldestFirst.hasNext()) {
      Map.Entry<TransactionId, Timestamp> oldest = oldestFirst.next();
      long age = timestamp.millis() - oldest.getValue().millis();
      if (commits.size() <= MAX_COMMITS && age <= MAX_AGE_MILLIS) {
        break;
      }
      forgotten(oldest.getKey(), oldest.getValue());
      oldestFirst.remove();
    }
  }

  /** Its id may be of a later time than its commit, if the oracle's clock was behind then. */
  private void forgotten(TransactionId transaction, Timestamp timestamp) {
    var after = new Timestamp(timestamp.value() + 1);
    Timestamp begun = Timestamp.ofMillis(begunAtMillis(transaction));
    Timestamp reached = begun.isAfter(after) ? begun : after;
    completeFrom = reached.isAfter(completeFrom) ? reached : completeFrom;
  }

  /** A record says that the transaction will never commit. Called in timestamp order. */
  public void aborted(TransactionId transaction, Timestamp timestamp) {
    aborts.put(transaction, timestamp);
    if (aborts.size() > MAX_ABORTS) {
      Iterator<Timestamp> oldestFirst = aborts.values().iterator();
      abortsCompleteFrom = new Timestamp(oldestFirst.next().value() + 1);
      oldestFirst.remove();
    }
  }

  Optional<Timestamp> committedAt(TransactionId transaction) {
    return Optional.ofNullable(commits.get(transaction));
  }

  /**
   * Whether somebody may have been told that the transaction will never commit.
   *
   * @param snapshot at which it read: whoever asked did so later
   */
  boolean mayBeAborted(TransactionId transaction, Timestamp snapshot) {
    return aborts.containsKey(transaction) || snapshot.compareTo(abortsCompleteFrom) < 0;
  }

  /** Empty: it has not committed, and no record says that it never will. */
  Optional<TransactionStatus> statusOf(TransactionId transaction) {
    if (commits.containsKey(transaction)) {
      return Optional.of(TransactionStatus.COMMITTED);
    }
    if (aborts.containsKey(transaction)) {
      return Optional.of(TransactionStatus.ABORTED);
    }
    boolean remembered =
        completeFrom.equals(Timestamp.ZERO)
            || begunAtMillis(transaction) - CLOCK_TOLERANCE_MILLIS > completeFrom.millis();
    return remembered ? Optional.empty() : Optional.of(TransactionStatus.UNKNOWN);
  }

  /** When a version 7 id was made (RFC 9562); 0 for other ids. */
  private static long begunAtMillis(TransactionId transaction) {
    UUID id = transaction.value();
    return id.version() == 7 ? id.getMostSignificantBits() >>> 16 : 0;
  }

  public Timestamp completeFrom() {
    return completeFrom;
  }

  public Timestamp abortsCompleteFrom() {
    return abortsCompleteFrom;
  }

  /** Remembered commits, ascending by timestamp. */
  public List<Map.Entry<TransactionId, Timestamp>> commits() {
    return copy(commits);
  }

  /** Remembered aborts, ascending by timestamp. */
  public List<Map.Entry<TransactionId, Timestamp>> aborts() {
    return copy(aborts);
  }

  private static List<Map.Entry<TransactionId, Timestamp>> copy(
      LinkedHashMap<TransactionId, Timestamp> outcomes) {
    var copy = new ArrayList<Map.Entry<TransactionId, Timestamp>>(outcomes.size());
    outcomes.forEach((transaction, timestamp) -> copy.add(Map.entry(transaction, timestamp)));
    return copy;
  }
}
