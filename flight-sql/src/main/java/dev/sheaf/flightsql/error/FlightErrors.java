package dev.sheaf.flightsql.error;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStatusCode;
import org.apache.arrow.memory.OutOfMemoryException;
import org.jspecify.annotations.Nullable;

/**
 * Turns errors into gRPC statuses. Thread-safe.
 *
 * <pre>
 * message   [42601] syntax error near "form" (line 1, column 8)
 *           HINT: did you mean "from"?
 * trailers  x-sqlstate: 42601    x-sheaf-hint: ...    x-sheaf-position: 1:8
 * </pre>
 *
 * Stock clients drop trailers or statuses, so the text alone has to carry everything. gRPC's
 * ABORTED (a transaction to try again) has no Flight status, therefore the result is gRPC's
 * exception, which Flight passes on untouched.
 */
public final class FlightErrors {
  public static final Metadata.Key<String> SQLSTATE = ascii("x-sqlstate");
  public static final Metadata.Key<String> HINT = ascii("x-sheaf-hint");
  public static final Metadata.Key<String> POSITION = ascii("x-sheaf-position");

  /** Clients refuse trailers above 8 KiB, and a status message may grow threefold on the wire. */
  private static final int MAX_TEXT = 1500;

  private static final Logger LOG = System.getLogger(FlightErrors.class.getName());

  private FlightErrors() {}

  private static Metadata.Key<String> ascii(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  /** The status to answer with; logs what is our own fault. */
  public static StatusRuntimeException toStatus(Throwable error) {
    if (error instanceof StatusRuntimeException status) {
      return status;
    }
    SheafException known = toSheaf(error);
    Metadata trailers = new Metadata();
    trailers.put(SQLSTATE, known.sqlState());
    String hint = known.hint();
    if (hint != null) {
      trailers.put(HINT, printableAscii(hint));
    }
    if (known.line() > 0) {
      trailers.put(POSITION, known.line() + ":" + known.column());
    }
    return status(known.code()).withDescription(text(known)).asRuntimeException(trailers);
  }

  /** The error in our own terms. */
  public static SheafException toSheaf(Throwable error) {
    return switch (error) {
      case SheafException e -> {
        if (e.code() == ErrorCode.INTERNAL_ERROR || e.code() == ErrorCode.DATA_CORRUPTED) {
          LOG.log(Level.ERROR, "statement failed: " + e.message(), e);
        }
        yield e;
      }
      case OutOfMemoryException e ->
          new SheafException(ErrorCode.OUT_OF_MEMORY, "out of memory for client data", e)
              .withHint("Send or ask for less at a time, or try again later.");
      case FlightRuntimeException e -> fromFlight(e);
      case RejectedExecutionException e ->
          new SheafException(ErrorCode.ADMIN_SHUTDOWN, "the server is shutting down", e);
      case StackOverflowError e ->
          new SheafException(
              ErrorCode.STATEMENT_TOO_COMPLEX, "the request is nested too deeply", e);
      default -> unexpected(error);
    };
  }

  private static SheafException fromFlight(FlightRuntimeException e) {
    FlightStatusCode code = e.status().code();
    String text = e.status().description();
    String message = text == null ? code.name() : text;
    return switch (code) {
      case CANCELLED, TIMED_OUT ->
          new SheafException(ErrorCode.QUERY_CANCELED, "canceled by the client", e);
      case UNIMPLEMENTED ->
          new SheafException(
              ErrorCode.FEATURE_NOT_SUPPORTED,
              text == null ? "this Flight call is not supported" : message,
              e);
      case INVALID_ARGUMENT -> {
        // Flight's parser of commands quotes class names and the raw bytes.
        boolean ours = e.status().cause() instanceof InvalidProtocolBufferException;
        yield new SheafException(
            ErrorCode.PROTOCOL_VIOLATION, ours ? "not a Flight SQL message" : message, e);
      }
      default -> unexpected(e);
    };
  }

  private static SheafException unexpected(Throwable error) {
    String id = UUID.randomUUID().toString();
    LOG.log(Level.ERROR, "internal error " + id, error);
    return new SheafException(ErrorCode.INTERNAL_ERROR, "internal error, reported as " + id, error)
        .withHint("The server's log has the details under this id.");
  }

  private static String text(SheafException e) {
    var text = new StringBuilder("[").append(e.sqlState()).append("] ").append(cut(e.message()));
    if (e.line() > 0 && !e.message().contains("(line ")) {
      text.append(" (line ").append(e.line()).append(", column ").append(e.column()).append(')');
    }
    if (e.hint() != null) {
      text.append("\nHINT: ").append(cut(e.hint()));
    }
    return text.toString();
  }

  private static String cut(@Nullable String text) {
    if (text == null) {
      return "";
    }
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "...";
  }

  private static String printableAscii(String text) {
    var out = new StringBuilder();
    for (char c : cut(text).toCharArray()) {
      out.append(c >= ' ' && c < 127 ? c : c == '\n' ? ' ' : '?');
    }
    return out.toString();
  }

  private static Status status(ErrorCode code) {
    return switch (code) {
      case FEATURE_NOT_SUPPORTED -> Status.UNIMPLEMENTED;
      case INVALID_AUTHORIZATION, INVALID_PASSWORD -> Status.UNAUTHENTICATED;
      case INSUFFICIENT_PRIVILEGE -> Status.PERMISSION_DENIED;
      case INVALID_CATALOG_NAME, INVALID_SCHEMA_NAME, UNDEFINED_TABLE, INVALID_SQL_STATEMENT_NAME ->
          Status.NOT_FOUND;
      case DUPLICATE_DATABASE, DUPLICATE_SCHEMA, DUPLICATE_TABLE, DUPLICATE_OBJECT ->
          Status.ALREADY_EXISTS;
      case SERIALIZATION_FAILURE, DEADLOCK_DETECTED -> Status.ABORTED;
      case STATEMENT_COMPLETION_UNKNOWN -> Status.UNKNOWN;
      case DISK_FULL, OUT_OF_MEMORY, TOO_MANY_CONNECTIONS, CONFIGURATION_LIMIT_EXCEEDED ->
          Status.RESOURCE_EXHAUSTED;
      case QUERY_CANCELED -> deadlineExpired() ? Status.DEADLINE_EXCEEDED : Status.CANCELLED;
      case ADMIN_SHUTDOWN, CANNOT_CONNECT_NOW -> Status.UNAVAILABLE;
      case INTERNAL_ERROR, DATA_CORRUPTED, IO_ERROR -> Status.INTERNAL;
      default -> Status.INVALID_ARGUMENT;
    };
  }

  private static boolean deadlineExpired() {
    Deadline deadline = Context.current().getDeadline();
    return deadline != null && deadline.isExpired();
  }
}
