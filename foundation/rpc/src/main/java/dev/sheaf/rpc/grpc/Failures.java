package dev.sheaf.rpc.grpc;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.proto.error.Failure;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Errors of a service as messages and back: code, message, hint and position survive, the stack
 * does not. A code that this version does not know becomes XX000. Pure.
 */
public final class Failures {
  private static final Map<String, ErrorCode> BY_STATE =
      Arrays.stream(ErrorCode.values())
          .collect(Collectors.toMap(ErrorCode::sqlState, Function.identity()));

  private Failures() {}

  /**
   * @param service named when the error is a defect, for example "the page server"
   */
  public static Failure of(Throwable thrown, String service) {
    Throwable cause =
        thrown instanceof CompletionException && thrown.getCause() != null
            ? thrown.getCause()
            : thrown;
    if (!(cause instanceof SheafException error)) {
      return Failure.newBuilder()
          .setSqlState(ErrorCode.INTERNAL_ERROR.sqlState())
          .setMessage(service + " failed: " + cause)
          .build();
    }
    Failure.Builder failure =
        Failure.newBuilder()
            .setSqlState(error.sqlState())
            .setMessage(error.message())
            .setLine(error.line())
            .setColumn(error.column());
    String hint = error.hint();
    return (hint == null ? failure : failure.setHint(hint)).build();
  }

  public static SheafException toException(Failure failure) {
    ErrorCode code = BY_STATE.getOrDefault(failure.getSqlState(), ErrorCode.INTERNAL_ERROR);
    SheafException error = new SheafException(code, failure.getMessage());
    if (failure.getLine() > 0) {
      error = error.at(failure.getLine(), failure.getColumn());
    }
    return failure.getHint().isEmpty() ? error : error.withHint(failure.getHint());
  }

  /** 08P01 for a message that names nothing this version knows. */
  public static SheafException notUnderstood(String what) {
    return new SheafException(
            ErrorCode.PROTOCOL_VIOLATION, what + " that this version does not know")
        .withHint("The processes of a cluster must run versions that fit together.");
  }
}
