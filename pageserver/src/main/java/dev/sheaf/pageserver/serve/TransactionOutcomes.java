package dev.sheaf.pageserver.serve;

import dev.sheaf.pageserver.shard.CommitOrder.Admission;
import dev.sheaf.pageserver.shard.InFlight;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.record.ShardRecord.Abort;
import dev.sheaf.rpc.shard.ShardService.CommitResult;
import dev.sheaf.rpc.shard.ShardService.TransactionStatus;
import java.util.Optional;

/**
 * Says what became of transactions. That one will never commit is said only when a quorum has a
 * record of it: then its commit, should it still come, is refused here and by every later owner.
 * Thread-safe.
 */
final class TransactionOutcomes {
  private final ShardState state;
  private final CommitPipeline pipeline;

  TransactionOutcomes(ShardState state, CommitPipeline pipeline) {
    this.state = state;
    this.pipeline = pipeline;
  }

  TransactionStatus status(TransactionId transaction, Deadline deadline) {
    Optional<TransactionStatus> known = state.serving(order -> order.status(transaction));
    return known.isPresent() ? known.get() : abort(transaction, deadline);
  }

  private TransactionStatus abort(TransactionId transaction, Deadline deadline) {
    InFlight abort = InFlight.ofAbort(transaction);
    Admission admission = state.admitting(order -> order.admit(abort));
    return switch (admission) {
      case Admission.Committed committed -> TransactionStatus.COMMITTED;
      case Admission.DeclaredAborted declared -> TransactionStatus.ABORTED;
      case Admission.WaitFor other -> TransactionStatus.IN_PROGRESS;
      case Admission.Admitted admitted -> {
        try {
          CommitResult unused =
              pipeline.sequence(abort, timestamp -> new Abort(transaction, timestamp), 0, deadline);
          yield TransactionStatus.ABORTED;
        } catch (SheafException e) {
          boolean undecided =
              e.code() == ErrorCode.STATEMENT_COMPLETION_UNKNOWN
                  || e.code() == ErrorCode.READ_ONLY_SQL_TRANSACTION;
          throw undecided ? undecided(transaction, e) : e;
        }
      }
    };
  }

  private static SheafException undecided(TransactionId transaction, SheafException cause) {
    return new SheafException(
            ErrorCode.CANNOT_CONNECT_NOW,
            "the outcome of transaction " + transaction + " could not be decided in time",
            cause)
        .withHint("Ask again in a moment.");
  }
}
