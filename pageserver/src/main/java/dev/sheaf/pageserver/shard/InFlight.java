package dev.sheaf.pageserver.shard;

import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.protocol.record.ShardRecord;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A commit between its admission and its end: the locks it wants and how far it is. Changed only
 * through {@link CommitOrder}.
 */
public final class InFlight {
  final TransactionId transaction;

  /** What the transaction read at. */
  final Timestamp snapshot;

  final Set<LockKey> writes;
  final List<LockKey> guards;

  /** The one table that a bulk load locks as a whole; null for a commit of single keys. */
  final @Nullable Integer lockedTable;

  private final boolean abort;
  private final boolean changesCatalog;

  private final CompletableFuture<Timestamp> outcome = new CompletableFuture<>();
  @Nullable ShardRecord record;
  @Nullable Lsn end;

  private InFlight(
      TransactionId transaction,
      Timestamp snapshot,
      Set<LockKey> writes,
      List<LockKey> guards,
      @Nullable Integer lockedTable,
      boolean abort) {
    this.transaction = transaction;
    this.snapshot = snapshot;
    this.abort = abort;
    this.writes = writes;
    this.guards = guards;
    this.lockedTable = lockedTable;
    this.changesCatalog =
        (lockedTable != null && isCatalog(lockedTable))
            || writes.stream().anyMatch(k -> isCatalog(TableKey.tableIdOf(k.bytes())));
  }

  private static boolean isCatalog(int tableId) {
    return tableId < TableDescriptor.FIRST_USER_TABLE_ID;
  }

  /** A commit of single keys, each at most once. */
  public static InFlight ofKeys(
      TransactionId transaction, Timestamp snapshot, List<byte[]> writes, List<byte[]> guards) {
    var locks = HashSet.<LockKey>newHashSet(writes.size());
    writes.forEach(key -> locks.add(LockKey.of(key)));
    if (locks.size() != writes.size()) {
      throw new SheafException(ErrorCode.INTERNAL_ERROR, "a transaction writes a key twice");
    }
    return new InFlight(transaction, snapshot, locks, lockKeys(guards, locks), null, false);
  }

  /** A commit that excludes all others from a table. */
  public static InFlight ofTable(
      TransactionId transaction, Timestamp snapshot, int tableId, List<byte[]> guards) {
    return new InFlight(
        transaction, snapshot, Set.of(), lockKeys(guards, Set.of()), tableId, false);
  }

  /** Makes sure that a transaction, which may still be on its way here, never commits. */
  public static InFlight ofAbort(TransactionId transaction) {
    return new InFlight(transaction, Timestamp.MAX, Set.of(), List.of(), null, true);
  }

  private static List<LockKey> lockKeys(List<byte[]> keys, Set<LockKey> but) {
    return keys.stream().map(LockKey::of).filter(key -> !but.contains(key)).distinct().toList();
  }

  /** Nobody can see its effect: no reader needs to wait for it. */
  public boolean isAbort() {
    return abort;
  }

  public boolean changesCatalog() {
    return changesCatalog;
  }

  public boolean isOrdered() {
    return record != null;
  }

  public TransactionId transaction() {
    return transaction;
  }

  /**
   * Completes with the commit timestamp once the commit is visible; fails when it left no trace
   * (then it holds no locks) or when its outcome is unknown (then the shard has stopped). Completed
   * by the shell, outside of its lock.
   */
  public CompletableFuture<Timestamp> outcome() {
    return outcome;
  }

  /** What was ordered. */
  public ShardRecord orderedRecord() {
    if (record == null) {
      throw new IllegalStateException("not ordered yet: " + transaction);
    }
    return record;
  }

  /** Position after the record, once it is durable. */
  public Lsn durableEnd() {
    if (end == null) {
      throw new IllegalStateException("not durable yet: " + transaction);
    }
    return end;
  }

  /** The commit timestamp, once ordered. */
  public Timestamp timestamp() {
    return orderedRecord().timestamp();
  }
}
