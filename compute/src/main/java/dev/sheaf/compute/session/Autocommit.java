package dev.sheaf.compute.session;

import dev.sheaf.compute.transaction.Transaction;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.shard.ShardService.Snapshot;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs a statement that is a transaction of its own. After a conflict it runs again on a newer
 * snapshot: no row of it has reached the client and no earlier statement has been answered, so
 * nobody can have seen the first attempt. Thread-safe.
 */
final class Autocommit {
  static final Set<ErrorCode> NEVER = Set.of();
  static final Set<ErrorCode> CONFLICT = Set.of(ErrorCode.SERIALIZATION_FAILURE);

  /** ON CONFLICT promises to meet a row that somebody else inserts meanwhile. */
  static final Set<ErrorCode> CONFLICT_OR_DUPLICATE =
      Set.of(ErrorCode.SERIALIZATION_FAILURE, ErrorCode.UNIQUE_VIOLATION);

  /** It is not known what the statement has done, or there is no time for another attempt. */
  private static final Set<ErrorCode> FINAL =
      Set.of(ErrorCode.STATEMENT_COMPLETION_UNKNOWN, ErrorCode.QUERY_CANCELED);

  /** Of a statement that met a duplicate: it may be one of its own making. */
  private static final int DUPLICATE_ATTEMPTS = 10;

  private static final long MAX_PAUSE_MILLIS = 100;

  private final Engine engine;
  private final Supplier<Transaction> transactions;

  Autocommit(Engine engine, Supplier<Transaction> transactions) {
    this.engine = engine;
    this.transactions = transactions;
  }

  /**
   * Runs a statement that may need no snapshot of its own, on one that was drawn a moment ago. When
   * that fails for whatever reason, even for an error of the statement itself, which may be due to
   * an old catalog, it runs again as if nothing had been.
   *
   * @param statement runs and commits
   * @param repeatAfter errors after which it runs again
   */
  <T extends @Nullable Object> T runAssuming(
      RecentSnapshot recent,
      Deadline deadline,
      Set<ErrorCode> repeatAfter,
      Function<Transaction, T> statement) {
    Optional<Snapshot> assumed = recent.get();
    if (assumed.isPresent()) {
      Transaction transaction = transactions.get();
      transaction.assume(assumed.get());
      try {
        return statement.apply(transaction);
      } catch (SheafException e) {
        boolean mayHaveEffects = FINAL.contains(e.code());
        if (mayHaveEffects || (!transaction.isAssumed() && !repeatAfter.contains(e.code()))) {
          throw e;
        }
        recent.forget();
      } finally {
        transaction.rollback();
      }
    }
    return run(deadline, repeatAfter, statement);
  }

  /**
   * @param statement runs and commits
   * @param repeatAfter errors after which it runs again
   */
  <T extends @Nullable Object> T run(
      Deadline deadline, Set<ErrorCode> repeatAfter, Function<Transaction, T> statement) {
    for (int attempt = 1; ; attempt++) {
      Transaction transaction = transactions.get();
      try {
        return statement.apply(transaction);
      } catch (SheafException e) {
        boolean hopeless = attempt >= DUPLICATE_ATTEMPTS && e.code() == ErrorCode.UNIQUE_VIOLATION;
        if (!repeatAfter.contains(e.code())
            || hopeless
            || deadline.isExpired(engine.time.nanoTime())) {
          throw e;
        }
      } finally {
        transaction.rollback();
      }
      pause(attempt);
    }
  }

  /** A random time up to a bound that doubles, so that rivals spread. */
  private void pause(int attempt) {
    long bound = Math.min(MAX_PAUSE_MILLIS, 1L << Math.min(attempt, Long.SIZE - 2));
    engine.time.sleepMillis(engine.random().nextLong(bound));
  }
}
