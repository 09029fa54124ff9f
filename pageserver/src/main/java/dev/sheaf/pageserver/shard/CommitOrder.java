package dev.sheaf.pageserver.shard;

import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.protocol.record.ShardRecord;
import dev.sheaf.rpc.shard.ShardService.TransactionStatus;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The order of a shard's commits.
 *
 * <pre>
 * admit --(locks taken all at once)--> admitted --(validated; timestamp drawn)--> ordered
 *   |                                     |                                          |
 *   +-> known, or wait for another        +-> withdrawn                  durable (news from the log)
 *                                                                                    |
 *                                                    applied to the memtable, in log order; locks released
 * </pre>
 *
 * The rule everything rests on: a timestamp is drawn while the locks on all written keys are held,
 * and records are appended in the order of their timestamps. So whoever reads at a snapshot only
 * has to wait for ordered commits at or below it. Nobody holds a lock while waiting for one, so
 * there are no deadlocks. Not thread-safe: the shell guards it with the shard's lock, which is
 * never held over I/O.
 */
public final class CommitOrder {
  private final Map<LockKey, InFlight> writers = new HashMap<>();
  private final Map<LockKey, List<InFlight>> guards = new HashMap<>();
  private final Map<Integer, InFlight> tableLocks = new HashMap<>();
  private final Map<TransactionId, InFlight> byTransaction = new HashMap<>();

  /** Ordered commits by timestamp, which is also their order in the log. */
  private final ArrayDeque<InFlight> ordered = new ArrayDeque<>();

  private boolean applying;

  private final OutcomeTable outcomes;

  public CommitOrder(OutcomeTable outcomes) {
    this.outcomes = outcomes;
  }

  /** The answer to a commit that wants to proceed. */
  public sealed interface Admission {
    /** It holds its locks: validate it, then {@link #order} or {@link #withdraw} it. */
    record Admitted() implements Admission {}

    /** Admit it again once the other one's outcome is there. */
    record WaitFor(InFlight other) implements Admission {}

    /** It was sent before and committed then. */
    record Committed(Timestamp timestamp) implements Admission {}

    /** Somebody was told that it will never commit. */
    record DeclaredAborted() implements Admission {}
  }

  public Admission admit(InFlight commit) {
    InFlight same = byTransaction.get(commit.transaction);
    if (same != null) {
      return new Admission.WaitFor(same);
    }
    Optional<Timestamp> committed = outcomes.committedAt(commit.transaction);
    if (committed.isPresent()) {
      return new Admission.Committed(committed.get());
    }
    if (outcomes.mayBeAborted(commit.transaction, commit.snapshot)) {
      return new Admission.DeclaredAborted();
    }
    InFlight other = conflict(commit);
    if (other != null) {
      return new Admission.WaitFor(other);
    }
    lock(commit);
    return new Admission.Admitted();
  }

  private @Nullable InFlight conflict(InFlight commit) {
    if (commit.lockedTable != null) {
      InFlight holder = tableLocks.get(commit.lockedTable);
      if (holder != null) {
        return holder;
      }
    }
    for (LockKey key : commit.writes) {
      InFlight writer = writers.get(key);
      if (writer == null && !tableLocks.isEmpty()) {
        writer = tableLocks.get(TableKey.tableIdOf(key.bytes()));
      }
      if (writer != null) {
        return writer;
      }
      List<InFlight> guarding = guards.get(key);
      if (guarding != null) {
        return guarding.getFirst();
      }
    }
    for (LockKey key : commit.guards) {
      InFlight writer = writers.get(key);
      if (writer != null) {
        return writer;
      }
    }
    return null;
  }

  private void lock(InFlight commit) {
    byTransaction.put(commit.transaction, commit);
    commit.writes.forEach(key -> writers.put(key, commit));
    commit.guards.forEach(key -> guards.computeIfAbsent(key, k -> new ArrayList<>(2)).add(commit));
    if (commit.lockedTable != null) {
      tableLocks.put(commit.lockedTable, commit);
    }
  }

  /**
   * A commit that writes to the table which the admitted one has locked, and came before: the table
   * is its own only when there is none left.
   */
  public Optional<InFlight> earlierWriter(InFlight bulk) {
    return writers.entrySet().stream()
        .filter(
            e -> Integer.valueOf(TableKey.tableIdOf(e.getKey().bytes())).equals(bulk.lockedTable))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  /** Gives up an admitted commit; it leaves no trace. */
  public void withdraw(InFlight commit) {
    unlock(commit);
  }

  /**
   * Puts an admitted commit at the end of the order. Its guards have done their duty: whoever
   * changes them from here on commits later.
   *
   * @param record with a timestamp drawn just now
   */
  public void order(InFlight commit, ShardRecord record) {
    InFlight last = ordered.peekLast();
    if (last != null && !record.timestamp().isAfter(last.timestamp())) {
      throw new IllegalStateException(
          "timestamp " + record.timestamp() + " after " + last.timestamp());
    }
    commit.record = record;
    ordered.add(commit);
    releaseGuards(commit);
  }

  /** Takes back a commit that was ordered but that the log refused to take. */
  public void refuse(InFlight commit) {
    ordered.remove(commit);
    unlock(commit);
  }

  /** A quorum has the record. */
  public void durable(InFlight commit, Lsn end) {
    commit.end = end;
  }

  /**
   * The next commit to apply, in order; empty while it is not durable or another is being applied.
   * The caller applies it and then says {@link #applied}.
   */
  public Optional<InFlight> nextToApply() {
    InFlight head = ordered.peekFirst();
    if (applying || head == null || head.end == null) {
      return Optional.empty();
    }
    applying = true;
    return Optional.of(head);
  }

  /** Whether a commit is being applied just now: some of its versions may be in the memtable. */
  public boolean isApplying() {
    return applying;
  }

  /** The commit is visible: releases its locks. */
  public void applied(InFlight commit) {
    applying = false;
    ordered.removeFirst();
    unlock(commit);
    if (commit.isAbort()) {
      outcomes.aborted(commit.transaction, commit.timestamp());
    } else {
      outcomes.committed(commit.transaction, commit.timestamp());
    }
  }

  /** The last ordered, unapplied commit at or below the snapshot: a read there waits for it. */
  public Optional<InFlight> lastAtOrBelow(Timestamp snapshot) {
    return last(snapshot, false);
  }

  /** Likewise, of those that change the catalog. */
  public Optional<InFlight> lastCatalogChange(Timestamp snapshot) {
    return last(snapshot, true);
  }

  private Optional<InFlight> last(Timestamp snapshot, boolean catalogOnly) {
    Iterator<InFlight> newestFirst = ordered.descendingIterator();
    while (newestFirst.hasNext()) {
      InFlight commit = newestFirst.next();
      if (!commit.timestamp().isAfter(snapshot)
          && !commit.isAbort()
          && (!catalogOnly || commit.changesCatalog())) {
        return Optional.of(commit);
      }
    }
    return Optional.empty();
  }

  /**
   * What is known for good; empty: it has not committed, and it can be said that it never will once
   * {@linkplain InFlight#ofAbort its abort} has gone this way.
   */
  public Optional<TransactionStatus> status(TransactionId transaction) {
    return byTransaction.containsKey(transaction)
        ? Optional.of(TransactionStatus.IN_PROGRESS)
        : outcomes.statusOf(transaction);
  }

  /** All commits on their way, for when the shard has to stop. */
  public List<InFlight> inFlight() {
    return List.copyOf(byTransaction.values());
  }

  private void unlock(InFlight commit) {
    byTransaction.remove(commit.transaction);
    commit.writes.forEach(writers::remove);
    if (commit.lockedTable != null) {
      tableLocks.remove(commit.lockedTable);
    }
    releaseGuards(commit);
  }

  private void releaseGuards(InFlight commit) {
    for (LockKey key : commit.guards) {
      List<InFlight> holders = guards.get(key);
      if (holders != null && holders.remove(commit) && holders.isEmpty()) {
        guards.remove(key);
      }
    }
  }
}
