package dev.sheaf.rpc.shard.grpc;

import dev.sheaf.protocol.TransactionId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * What a broken connection means to a caller. Pure.
 *
 * <table>
 * <caption>Errors</caption>
 * <tr><td>reads</td><td>57014 the deadline passed; 58030 unreachable: may be repeated</td></tr>
 * <tr><td>commit, not sent</td><td>57P03: nothing was done, may be repeated</td></tr>
 * <tr><td>commit, maybe sent</td><td>40003 with the transaction's id: must not be repeated</td></tr>
 * </table>
 */
final class LostCalls {
  private LostCalls() {}

  static SheafException read(Throwable error) {
    Status status = Status.fromThrowable(error);
    if (status.getCode() == Status.Code.DEADLINE_EXCEEDED) {
      return new SheafException(
              ErrorCode.QUERY_CANCELED,
              "canceling statement due to statement timeout: the page server did not answer",
              error)
          .withHint("Raise it with SET statement_timeout_ms = ..., or ask for less.");
    }
    return unreachable(status, error);
  }

  private static SheafException unreachable(Status status, Throwable error) {
    return new SheafException(
            ErrorCode.IO_ERROR, "the page server cannot be reached: " + describe(status), error)
        .withHint("Try again: another page server takes over within seconds.");
  }

  /** A tail that stalls is lost like one that breaks: whoever opened it may open it elsewhere. */
  static SheafException tail(Throwable error) {
    Status status = Status.fromThrowable(error);
    return status.getCause() instanceof InterruptedException
        ? read(error)
        : unreachable(status, error);
  }

  /** A check that stalls, or whose time is over, has told what it found so far. */
  static SheafException check(Throwable error) {
    Status status = Status.fromThrowable(error);
    return new SheafException(
            status.getCode() == Status.Code.DEADLINE_EXCEEDED
                ? ErrorCode.QUERY_CANCELED
                : ErrorCode.IO_ERROR,
            "the page server does not go on with the check: " + describe(status),
            error)
        .withHint("What it has found so far holds. Try again.");
  }

  static SheafException commit(TransactionId transaction, boolean maybeSent, Throwable error) {
    return maybeSent
        ? unknown(transaction, "the page server's answer was lost", error)
        : new SheafException(
                ErrorCode.CANNOT_CONNECT_NOW,
                "the page server cannot be reached: "
                    + describe(Status.fromThrowable(error))
                    + "; nothing was sent",
                error)
            .withHint("Try again: another page server takes over within seconds.");
  }

  static SheafException unknown(TransactionId transaction, String why, @Nullable Throwable error) {
    return new SheafException(
            ErrorCode.STATEMENT_COMPLETION_UNKNOWN,
            "it is not known whether transaction " + transaction + " committed: " + why,
            error)
        .withHint("Ask for it by the transaction's id before trying again.");
  }

  /** Rows that were sent cannot be sent again from here: only who has them can. */
  static SheafException load(@Nullable Throwable error) {
    return new SheafException(
            ErrorCode.SERIALIZATION_FAILURE,
            "the connection to the page server broke; nothing of the load is kept",
            error)
        .withHint("Load again.");
  }

  private static String describe(Status status) {
    String description = status.getDescription();
    return status.getCode() + (description == null ? "" : ", " + description);
  }
}
