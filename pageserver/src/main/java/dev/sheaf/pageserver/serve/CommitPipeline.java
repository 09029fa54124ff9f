package dev.sheaf.pageserver.serve;

import dev.sheaf.pageserver.flush.MemtableBudget;
import dev.sheaf.pageserver.log.ShardLog;
import dev.sheaf.pageserver.log.ShardLog.Proposed;
import dev.sheaf.pageserver.memtable.Memtable;
import dev.sheaf.pageserver.oracle.WindowedOracle;
import dev.sheaf.pageserver.shard.CommitOrder.Admission;
import dev.sheaf.pageserver.shard.InFlight;
import dev.sheaf.pageserver.tree.KeyLookup;
import dev.sheaf.pageserver.tree.KeyLookup.Latest;
import dev.sheaf.pageserver.tree.Tree;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.protocol.record.ShardRecord;
import dev.sheaf.protocol.record.ShardRecordCodec;
import dev.sheaf.protocol.row.Row;
import dev.sheaf.protocol.row.RowCodec;
import dev.sheaf.rpc.shard.DuplicateKeys;
import dev.sheaf.rpc.shard.ShardService.CommitRequest;
import dev.sheaf.rpc.shard.ShardService.CommitResult;
import dev.sheaf.rpc.shard.ShardService.Write;
import dev.sheaf.rpc.shard.ShardService.WriteKind;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The way of a commit: admitted (locks), validated, timestamped and appended in one step, durable,
 * applied in log order, answered. Commits of different keys overlap freely, so the log can put many
 * of them into one fsync. Runs on the callers' threads and on the log's. Thread-safe.
 */
final class CommitPipeline {
  private final ShardState state;
  private final ShardLog log;
  private final WindowedOracle oracle;
  private final MemtableBudget.Account budget;
  private final CompactionPressure pressure;
  private final LongSupplier nanoClock;
  private final long commitBytes;
  private final CoarseDeadlines waits;
  private final Runnable afterApply;

  /**
   * @param waits for the log
   * @param afterApply called after each applied commit, without locks; must not block
   */
  CommitPipeline(
      ShardState state,
      ShardLog log,
      WindowedOracle oracle,
      MemtableBudget.Account budget,
      CompactionPressure pressure,
      LongSupplier nanoClock,
      long commitBytes,
      CoarseDeadlines waits,
      Runnable afterApply) {
    this.state = state;
    this.log = log;
    this.oracle = oracle;
    this.budget = budget;
    this.pressure = pressure;
    this.nanoClock = nanoClock;
    this.commitBytes = commitBytes;
    this.waits = waits;
    this.afterApply = afterApply;
  }

  CommitResult commit(CommitRequest request, Deadline deadline) {
    checkSnapshot(request.snapshot());
    long cost = 0;
    for (Write write : request.writes()) {
      check(write);
      cost += Memtable.costOf(write.key(), write.row());
    }
    if (cost > commitBytes) {
      throw new SheafException(
              ErrorCode.PROGRAM_LIMIT_EXCEEDED,
              "the transaction writes " + cost + " bytes; the limit is " + commitBytes)
          .withHint("Split it, or load the rows in bulk.");
    }
    var commit =
        InFlight.ofKeys(
            request.transaction(),
            request.snapshot(),
            request.writes().stream().map(Write::key).toList(),
            request.guards());
    pressure.pause(deadline);
    budget.admit(cost, deadline);
    boolean taken = false;
    try {
      Optional<Timestamp> before = admit(commit, deadline);
      if (before.isPresent()) {
        return new CommitResult(before.get());
      }
      try {
        validate(request);
      } catch (RuntimeException | Error e) {
        withdraw(commit, e);
        throw e;
      }
      taken = true;
      return sequence(commit, timestamp -> recordOf(request, timestamp), cost, deadline);
    } finally {
      if (!taken) {
        budget.release(cost);
      }
    }
  }

  /** A snapshot from the future would make every validation pass. */
  void checkSnapshot(Timestamp snapshot) {
    if (snapshot.isAfter(oracle.last())) {
      throw new SheafException(
          ErrorCode.INVALID_PARAMETER_VALUE, "snapshot " + snapshot + " is in the future");
    }
  }

  /** What could not be flushed later must not get into the log. */
  private static void check(Write write) {
    byte[] row = write.row();
    if (write.key().length < TableKey.PREFIX_BYTES
        || (row == null) != (write.kind() == WriteKind.DELETE)) {
      throw new SheafException(ErrorCode.INTERNAL_ERROR, "a malformed write: " + write.kind());
    }
    if (row != null) {
      Row unused = RowCodec.decode(row);
    }
  }

  private static ShardRecord recordOf(CommitRequest request, Timestamp timestamp) {
    List<ShardRecord.Write> writes =
        request.writes().stream()
            .map(w -> new ShardRecord.Write(w.key(), w.row(), w.kind() == WriteKind.INSERT))
            .toList();
    return new ShardRecord.Commit(request.transaction(), timestamp, writes);
  }

  /**
   * Takes all locks, waiting for others as needed.
   *
   * @return the timestamp if the transaction has committed before
   */
  Optional<Timestamp> admit(InFlight commit, Deadline deadline) {
    while (true) {
      Admission admission = state.admitting(order -> order.admit(commit));
      switch (admission) {
        case Admission.Admitted() -> {
          return Optional.empty();
        }
        case Admission.Committed(Timestamp timestamp) -> {
          return Optional.of(timestamp);
        }
        case Admission.DeclaredAborted() ->
            throw new SheafException(
                ErrorCode.SERIALIZATION_FAILURE,
                "transaction " + commit.transaction() + " has been declared aborted");
        case Admission.WaitFor(InFlight other) ->
            Waiting.awaitEnd(
                other.outcome(), deadline, nanoClock, "transaction " + other.transaction());
      }
    }
  }

  /** Also after an Error: locks that nobody gives back would stop their keys for good. */
  void withdraw(InFlight commit, Throwable why) {
    boolean unused =
        state.locked(() -> {
          state.order().withdraw(commit);
          return true;
        });
    commit.outcome().completeExceptionally(why);
  }

  /** With the locks held and all earlier writers of the keys applied. */
  private void validate(CommitRequest request) {
    validateCatalog(request.catalogVersion());
    Tree tree = state.tree();
    long snapshot = request.snapshot().value();
    validateGuards(tree, request.guards(), snapshot);
    for (Write write : request.writes()) {
      boolean insert = write.kind() == WriteKind.INSERT;
      if (!insert && !mayHaveChanged(tree, write.key(), snapshot)) {
        continue;
      }
      Latest latest = KeyLookup.latest(tree, write.key());
      if (insert && latest.live()) {
        throw DuplicateKeys.of(write.key());
      }
      checkUnchanged(latest, snapshot);
    }
  }

  /** Changes that come later are concurrent with this commit, unless it guards what they change. */
  private void validateCatalog(@Nullable Timestamp version) {
    if (version != null && !version.equals(state.locked(() -> state.catalogVersions().newest()))) {
      throw new SheafException(ErrorCode.SERIALIZATION_FAILURE, "the catalog has changed")
          .withHint("Try the whole transaction again.");
    }
  }

  /** Of a change before the oldest readable time nothing may be left that could be compared. */
  static void validateGuards(Tree tree, List<byte[]> guards, long snapshot) {
    Timestamp from = tree.readable().from();
    if (snapshot < from.value()) {
      throw tooOld(new Timestamp(snapshot), from);
    }
    for (byte[] guard : guards) {
      if (mayHaveChanged(tree, guard, snapshot)) {
        checkUnchanged(KeyLookup.latest(tree, guard), snapshot);
      }
    }
  }

  static SheafException tooOld(Timestamp snapshot, Timestamp from) {
    return new SheafException(
            ErrorCode.SNAPSHOT_TOO_OLD,
            "snapshot "
                + snapshot
                + " is too old: the retention window begins at "
                + from
                + " ("
                + Instant.ofEpochMilli(from.millis())
                + ")")
        .withHint("Choose a later time, or begin a new transaction.");
  }

  private static boolean mayHaveChanged(Tree tree, byte[] key, long snapshot) {
    return KeyLookup.mayHaveChangedSince(tree, key, snapshot);
  }

  private static void checkUnchanged(Latest latest, long snapshot) {
    if (latest.timestamp() > snapshot) {
      throw new SheafException(
              ErrorCode.SERIALIZATION_FAILURE,
              "could not serialize access due to concurrent update")
          .withHint("Try the whole transaction again.");
    }
  }

  /**
   * Draws the timestamp and appends, in one step; then waits until the commit is visible. From here
   * on the commit's bytes belong to the memtable.
   */
  CommitResult sequence(
      InFlight commit, Function<Timestamp, ShardRecord> record, long cost, Deadline deadline) {
    @Nullable Proposed proposed = null;
    try {
      while (proposed == null) {
        deadline.check(nanoClock.getAsLong());
        proposed =
            state.serving(order -> {
              Optional<Timestamp> timestamp = oracle.tryDraw();
              if (timestamp.isEmpty()) {
                return null;
              }
              ShardRecord ordered = record.apply(timestamp.get());
              byte[] bytes = ShardRecordCodec.encode(ordered);
              order.order(commit, ordered);
              return log.propose(bytes);
            });
        if (proposed == null) {
          oracle.extend();
        }
      }
    } catch (RuntimeException | Error e) {
      if (commit.isOrdered()) {
        fail(Waiting.asSheaf(e));
      } else {
        budget.release(cost);
        withdraw(commit, e);
        throw e;
      }
    }
    if (proposed != null) {
      CompletableFuture<Void> unused =
          proposed
              .committed()
              .handle((end, error) -> {
                try {
                  logged(commit, end, error, cost);
                } catch (RuntimeException | Error e) {
                  fail(Waiting.asSheaf(e));
                }
                return null;
              });
      proposed.send().run();
    }
    Timestamp timestamp =
        Waiting.await(
            waits,
            commit.outcome(),
            deadline,
            ErrorCode.STATEMENT_COMPLETION_UNKNOWN,
            "the log did not confirm transaction " + commit.transaction() + " in time");
    return new CommitResult(timestamp);
  }

  /** News from the log, on whatever thread brings it. */
  private void logged(InFlight commit, @Nullable Lsn end, @Nullable Throwable error, long cost) {
    if (end != null) {
      boolean unused =
          state.locked(() -> {
            state.order().durable(commit, end);
            return true;
          });
      applyAll();
      return;
    }
    SheafException failure =
        error == null
            ? new SheafException(ErrorCode.INTERNAL_ERROR, "the log answered nothing")
            : Waiting.asSheaf(error);
    if (isRefusal(failure)) {
      boolean unused =
          state.locked(() -> {
            state.order().refuse(commit);
            return true;
          });
      budget.release(cost);
      commit.outcome().completeExceptionally(failure);
      applyAll();
    } else {
      fail(failure);
    }
  }

  /**
   * Whether nothing was appended: for want of room or a majority, or as the record is too large.
   */
  private static boolean isRefusal(SheafException failure) {
    return failure.sqlState().startsWith("53")
        || failure.code() == ErrorCode.READ_ONLY_SQL_TRANSACTION
        || failure.code() == ErrorCode.PROGRAM_LIMIT_EXCEEDED;
  }

  private void fail(SheafException why) {
    boolean unused = state.stop(why);
  }

  private void applyAll() {
    while (true) {
      Optional<InFlight> next =
          state.locked(
              () -> state.isStopped() ? Optional.<InFlight>empty() : state.order().nextToApply());
      if (next.isEmpty()) {
        return;
      }
      InFlight commit = next.get();
      try {
        state.apply(commit.orderedRecord(), commit.durableEnd());
      } catch (RuntimeException | Error e) {
        fail(Waiting.asSheaf(e));
        return;
      }
      boolean unused =
          state.locked(() -> {
            state.order().applied(commit);
            if (commit.changesCatalog()) {
              state.catalogVersions().changed(commit.timestamp());
            }
            return true;
          });
      commit.outcome().complete(commit.timestamp());
      afterApply.run();
    }
  }
}
