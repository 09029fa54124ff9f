package dev.sheaf.compute.transaction;

import dev.sheaf.compute.storage.ShardAccess;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.shard.ShardService.TransactionStatus;

/**
 * Sends commits. When the answer does not say whether the transaction committed, the owner is asked
 * by its id, for a while of its own; only if that stays open too the client gets 40003. Nothing is
 * ever sent twice. Thread-safe.
 */
record Committer(ShardAccess shard, TimeSource time, long resolveMillis) {
  private static final long POLL_MILLIS = 50;

  /** Sends one commit with the transaction's id. */
  void commit(TransactionId id, Runnable send) {
    try {
      send.run();
    } catch (SheafException e) {
      if (!isUnknown(e)) {
        throw e;
      }
      resolve(id, e);
    }
  }

  /** A refusal is certain; a lost answer, a passed deadline or a broken connection is not. */
  private static boolean isUnknown(SheafException e) {
    return switch (e.code()) {
      case STATEMENT_COMPLETION_UNKNOWN, QUERY_CANCELED, IO_ERROR, INTERNAL_ERROR, ADMIN_SHUTDOWN ->
          true;
      default -> false;
    };
  }

  private void resolve(TransactionId id, SheafException cause) {
    Deadline until = Deadline.after(time.nanoTime(), resolveMillis);
    while (!until.isExpired(time.nanoTime())) {
      switch (status(id, until)) {
        case COMMITTED -> {
          return;
        }
        case ABORTED ->
            throw new SheafException(
                    ErrorCode.SERIALIZATION_FAILURE, "the transaction was not committed", cause)
                .withHint("Run the transaction again.");
        case IN_PROGRESS, UNKNOWN -> {
          if (Thread.currentThread().isInterrupted()) {
            throw unknown(id, cause);
          }
          time.sleepMillis(POLL_MILLIS);
        }
      }
    }
    throw unknown(id, cause);
  }

  private TransactionStatus status(TransactionId id, Deadline until) {
    try {
      return shard.service().status(shard.shard(), id, until);
    } catch (SheafException e) {
      return TransactionStatus.UNKNOWN;
    }
  }

  private static SheafException unknown(TransactionId id, SheafException cause) {
    return new SheafException(
            ErrorCode.STATEMENT_COMPLETION_UNKNOWN,
            "it is not known whether transaction " + id + " committed",
            cause)
        .withHint(
            "Ask later: SELECT SHEAF_TRANSACTION_STATUS('"
                + id
                + "'). Repeating the transaction may apply it twice.");
  }
}
