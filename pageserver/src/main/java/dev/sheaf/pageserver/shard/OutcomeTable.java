package dev.sheaf.pageserver.shard;

import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.rpc.shard.ShardService.TransactionStatus;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * What became of recent transactions, bounded in number and age.
 *
 * <p>Whoever asks about a transaction that is not here gets an honest answer: if the table reaches
 * back to before the transaction began (version 7 ids tell when that was), or to the beginning of
 * the shard, the transaction has not committed, and from then on it is refused; else nobody knows
 * any more. Pure; not thread-safe.
 */
public final class OutcomeTable {
  public static final int MAX_COMMITS = 16_384;
  static final long MAX_AGE_MILLIS = 15 * 60_000;
  static final int MAX_DECLARED = 4_096;

  /** How much the clock that made an id may be ahead of the oracle's. */
  private static final long CLOCK_TOLERANCE_MILLIS = 60_000;

  private final LinkedHashMap<TransactionId, Timestamp> commits = new LinkedHashMap<>();
  private final Set<TransactionId> declaredAborted = new LinkedHashSet<>();
  private Timestamp completeFrom;

  /**
   * @param completeFrom transactions that committed before it may be missing; ZERO: none is
   */
  public OutcomeTable(Timestamp completeFrom) {
    this.completeFrom = completeFrom;
  }

  /** Called in timestamp order. */
  public void committed(TransactionId transaction, Timestamp timestamp) {
    commits.put(transaction, timestamp);
    Iterator<Map.Entry<TransactionId, Timestamp>> oldestFirst = commits.entrySet().iterator();
    while (oldestFirst.hasNext()) {
      Timestamp oldest = oldestFirst.next().getValue();
      if (commits.size() <= MAX_COMMITS && timestamp.millis() - oldest.millis() <= MAX_AGE_MILLIS) {
        break;
      }
      oldestFirst.remove();
      completeFrom = new Timestamp(oldest.value() + 1);
    }
  }

  Optional<Timestamp> committedAt(TransactionId transaction) {
    return Optional.ofNullable(commits.get(transaction));
  }

  boolean isDeclaredAborted(TransactionId transaction) {
    return declaredAborted.contains(transaction);
  }

  /** An answer of ABORTED is kept: the transaction will be refused if it still comes. */
  TransactionStatus statusOf(TransactionId transaction) {
    if (commits.containsKey(transaction)) {
      return TransactionStatus.COMMITTED;
    }
    if (!declaredAborted.contains(transaction)) {
      boolean remembered =
          completeFrom.equals(Timestamp.ZERO)
              || begunAtMillis(transaction) - CLOCK_TOLERANCE_MILLIS > completeFrom.millis();
      if (!remembered) {
        return TransactionStatus.UNKNOWN;
      }
      declaredAborted.add(transaction);
      if (declaredAborted.size() > MAX_DECLARED) {
        // Its commit would have to come later than that of thousands that were asked about since.
        declaredAborted.remove(declaredAborted.iterator().next());
      }
    }
    return TransactionStatus.ABORTED;
  }

  /** When a version 7 id was made (RFC 9562); 0 for other ids. */
  private static long begunAtMillis(TransactionId transaction) {
    UUID id = transaction.value();
    return id.version() == 7 ? id.getMostSignificantBits() >>> 16 : 0;
  }

  public Timestamp completeFrom() {
    return completeFrom;
  }

  /** Remembered commits, ascending by timestamp. */
  public List<Map.Entry<TransactionId, Timestamp>> commits() {
    var copy = new ArrayList<Map.Entry<TransactionId, Timestamp>>(commits.size());
    commits.forEach((transaction, timestamp) -> copy.add(Map.entry(transaction, timestamp)));
    return copy;
  }
}
