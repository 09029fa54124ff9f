package dev.sheaf.compute.transaction;

import dev.sheaf.compute.storage.OwnWrites;
import dev.sheaf.compute.storage.ShardAccess;
import dev.sheaf.compute.storage.TransactionIds;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.rpc.shard.DuplicateKeys;
import dev.sheaf.rpc.shard.ShardService.BulkLoad;
import dev.sheaf.rpc.shard.ShardService.CommitRequest;
import dev.sheaf.rpc.shard.ShardService.Snapshot;
import dev.sheaf.rpc.shard.ShardService.Write;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot-isolated transaction: reads at the snapshot that its first statement drew, buffers
 * what it writes, and commits in one call. Free until the first statement.
 *
 * <pre>
 * ACTIVE --error--> FAILED --rollback--> ENDED
 *    \--commit, rollback------------------^
 * </pre>
 *
 * Used by one thread at a time; {@link #ownWrites} results may be read by any.
 */
public final class Transaction {
  private enum State {
    ACTIVE,
    FAILED,
    ENDED
  }

  private static final int KEYS_PER_GET = 1024;

  private final TransactionIds ids;
  private final ShardAccess shard;
  private final TimeSource time;
  private final TransactionLimits limits;
  private final boolean explicit;
  private boolean readOnly;
  private final Instant startedAt;
  private final WriteBuffer buffer = new WriteBuffer();
  private final NavigableSet<byte[]> guards = new TreeSet<>(TableKey::compare);
  private volatile State state = State.ACTIVE;
  private @Nullable Snapshot snapshot;
  private boolean assumed;
  private @Nullable BulkLoad bulk;
  private @Nullable TransactionId bulkId;

  /**
   * @param explicit opened by BEGIN or a handle, as against one autocommitted statement
   */
  public Transaction(
      TransactionIds ids,
      ShardAccess shard,
      TimeSource time,
      TransactionLimits limits,
      boolean explicit,
      boolean readOnly) {
    this.ids = ids;
    this.shard = shard;
    this.time = time;
    this.limits = limits;
    this.explicit = explicit;
    this.readOnly = readOnly;
    this.startedAt = time.now();
  }

  public boolean isExplicit() {
    return explicit;
  }

  public Instant startedAt() {
    return startedAt;
  }

  public ShardAccess shard() {
    return shard;
  }

  public TransactionLimits limits() {
    return limits;
  }

  /** Draws the snapshot on the first call. */
  public Snapshot snapshot(Deadline deadline) {
    if (snapshot == null) {
      snapshot = shard.service().snapshot(shard.shard(), deadline);
    }
    return snapshot;
  }

  /**
   * Begins at a snapshot that somebody else drew a moment ago, which spares the call. That is right
   * only while nothing but the catalog is read at it: {@link #settle} comes before all other reads,
   * and the commit makes sure that the catalog is still the same.
   */
  public void assume(Snapshot recent) {
    if (snapshot != null || explicit) {
      throw new IllegalStateException("only before the first read of an autocommitted statement");
    }
    snapshot = recent;
    assumed = true;
  }

  /** Whether it stands on a snapshot that it did not draw. */
  public boolean isAssumed() {
    return assumed;
  }

  /**
   * Draws a snapshot in the place of an assumed one.
   *
   * @throws SheafException 40001 if the catalog is another one by now
   */
  public void settle(Deadline deadline) {
    Snapshot before = snapshot;
    if (!assumed || before == null) {
      return;
    }
    Snapshot drawn = shard.service().snapshot(shard.shard(), deadline);
    if (!drawn.catalogVersion().equals(before.catalogVersion())) {
      throw new SheafException(ErrorCode.SERIALIZATION_FAILURE, "the catalog has changed");
    }
    snapshot = drawn;
    assumed = false;
  }

  public boolean hasSnapshot() {
    return snapshot != null;
  }

  /** What earlier statements wrote; stays as it is when later ones write. */
  public OwnWrites ownWrites() {
    return buffer.view();
  }

  public boolean hasWrites() {
    return !buffer.isEmpty() || bulk != null;
  }

  public boolean isFailed() {
    return state == State.FAILED;
  }

  public boolean hasEnded() {
    return state == State.ENDED;
  }

  /** 25P02 after an error, 25P01 after the end. */
  public void requireActive() {
    switch (state) {
      case ACTIVE -> {}
      case FAILED ->
          throw new SheafException(
                  ErrorCode.IN_FAILED_SQL_TRANSACTION,
                  "current transaction is aborted, commands ignored until end of transaction block")
              .withHint("Send ROLLBACK.");
      case ENDED ->
          throw new SheafException(
              ErrorCode.NO_ACTIVE_SQL_TRANSACTION, "the transaction has ended");
    }
  }

  /** 25006 in a READ ONLY transaction. */
  public void requireWritable(String statement) {
    if (readOnly) {
      throw new SheafException(
          ErrorCode.READ_ONLY_SQL_TRANSACTION,
          "cannot execute " + statement + " in a read-only transaction");
    }
  }

  /** 25001 after the first statement. */
  public void setReadOnly(boolean value) {
    if (snapshot != null) {
      throw new SheafException(
          ErrorCode.ACTIVE_SQL_TRANSACTION,
          "the transaction's modes must be set before its first statement");
    }
    readOnly = value;
  }

  public void fail() {
    if (state == State.ACTIVE) {
      state = State.FAILED;
    }
  }

  /** A place for a statement's writes, within what is left of the limit. */
  public StatementWrites beginStatement() {
    return new StatementWrites(limits.maxWriteBytes() - buffer.sizeBytes());
  }

  /**
   * Takes over what a successful statement wrote. In an explicit transaction duplicate keys are
   * found now, so that the statement at fault gets the error; else the commit, which follows at
   * once, finds them.
   */
  public void finishStatement(StatementWrites writes, Deadline deadline) {
    if (explicit) {
      requireAbsent(buffer.unprovenInserts(writes), deadline);
    }
    buffer.add(writes);
    writes.guards().forEach(guards::add);
  }

  private void requireAbsent(List<byte[]> keys, Deadline deadline) {
    for (int from = 0; from < keys.size(); from += KEYS_PER_GET) {
      List<byte[]> part = keys.subList(from, Math.min(keys.size(), from + KEYS_PER_GET));
      List<byte @Nullable []> rows =
          shard.service().get(shard.shard(), snapshot(deadline).timestamp(), part, deadline);
      for (int i = 0; i < part.size(); i++) {
        if (rows.get(i) != null) {
          throw DuplicateKeys.of(part.get(i));
        }
      }
    }
  }

  /**
   * Takes over a bulk load, to be committed with the transaction. Only for autocommitted
   * statements.
   *
   * @param loadId the id that the load was begun with
   */
  void attach(BulkLoad load, TransactionId loadId) {
    if (explicit || bulk != null) {
      throw new IllegalStateException("one bulk load per autocommitted statement");
    }
    bulk = load;
    bulkId = loadId;
  }

  /**
   * Makes the writes durable and visible; without writes no call is made. Whatever happens, the
   * transaction has ended.
   *
   * <p>A bulk load commits first: rows loaded into a table that the same statement creates become
   * reachable with the table's descriptor.
   *
   * @throws SheafException 40001 conflict, 23505 duplicate key as the store reports it, 40003
   *     outcome unknown
   */
  public void commit(Deadline deadline) {
    requireActive();
    state = State.ENDED;
    var committer = new Committer(shard, time, limits.resolveMillis());
    try (BulkLoad load = bulk) {
      if (load != null && bulkId != null) {
        committer.commit(bulkId, () -> load.commit(deadline));
      }
    } finally {
      bulk = null;
    }
    List<Write> writes = buffer.writes();
    if (writes.isEmpty()) {
      return;
    }
    Snapshot read = snapshot(deadline);
    TransactionId id = ids.begunAt(read.timestamp());
    var request =
        new CommitRequest(
            shard.shard(),
            id,
            read.timestamp(),
            writes,
            new ArrayList<>(guards),
            assumed ? read.catalogVersion() : null);
    committer.commit(id, () -> shard.service().commit(request, deadline));
  }

  /** Drops the writes. Idempotent. */
  public void rollback() {
    state = State.ENDED;
    if (bulk != null) {
      bulk.close();
      bulk = null;
    }
  }
}
