package dev.sheaf.coordination.etcd;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import io.etcd.jetcd.common.exception.EtcdException;
import io.grpc.Status;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;

/** A call to etcd that brought no result, and what it may have done nevertheless. */
final class EtcdFailure extends Exception {
  private static final long serialVersionUID = 1L;

  enum Kind {
    /** It certainly changed nothing, and trying again may help. */
    NOT_RUN,
    /** It changed nothing since a lease it named is gone for good. */
    LEASE_NOT_FOUND,
    /** The revision it asked for is not kept any more. */
    COMPACTED,
    /** It changed nothing, and trying again is of no use. */
    REFUSED,
    /** The caller was told to stop; it may have run. */
    INTERRUPTED,
    /** It may have run, or may yet run. */
    UNKNOWN
  }

  private final Kind kind;
  private final ErrorCode code;

  private EtcdFailure(Kind kind, ErrorCode code, String message, Throwable cause) {
    super(message.equals("null") ? cause.toString() : message, cause);
    this.kind = kind;
    this.code = code;
  }

  Kind kind() {
    return kind;
  }

  static EtcdFailure interrupted(InterruptedException cause) {
    return new EtcdFailure(Kind.INTERRUPTED, ErrorCode.QUERY_CANCELED, "interrupted", cause);
  }

  /** No answer within the time that was given. */
  static EtcdFailure unanswered(Throwable cause) {
    return new EtcdFailure(Kind.UNKNOWN, ErrorCode.IO_ERROR, "no answer in time", cause);
  }

  static EtcdFailure of(Throwable thrown) {
    Throwable cause = thrown;
    while ((cause instanceof ExecutionException || cause instanceof CompletionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof EtcdException e) {
      var status = Status.Code.valueOf(e.getErrorCode().name().toUpperCase(Locale.ROOT));
      return of(status, String.valueOf(e.getMessage()), cause);
    }
    var status = Status.fromThrowable(cause);
    return of(status.getCode(), String.valueOf(status.getDescription()), cause);
  }

  private static EtcdFailure of(Status.Code status, String message, Throwable cause) {
    if (neverLeft(cause)) {
      return new EtcdFailure(Kind.NOT_RUN, ErrorCode.IO_ERROR, message, cause);
    }
    // etcd's own texts are the only thing that tells its refusals apart.
    if (message.contains("requested lease not found")) {
      return new EtcdFailure(
          Kind.LEASE_NOT_FOUND, ErrorCode.OBJECT_NOT_IN_PREREQUISITE_STATE, message, cause);
    }
    if (message.contains("revision has been compacted")) {
      return new EtcdFailure(Kind.COMPACTED, ErrorCode.IO_ERROR, message, cause);
    }
    if (message.contains("invalid auth token")
        || message.contains("revision of auth store is old")
        || message.contains("too many requests")) {
      return new EtcdFailure(Kind.NOT_RUN, ErrorCode.IO_ERROR, message, cause);
    }
    if (message.contains("database space exceeded")) {
      return new EtcdFailure(Kind.REFUSED, ErrorCode.DISK_FULL, message, cause);
    }
    if (message.contains("request is too large")
        || message.contains("too many operations")
        || message.contains("received message larger than max")) {
      return new EtcdFailure(Kind.REFUSED, ErrorCode.PROGRAM_LIMIT_EXCEEDED, message, cause);
    }
    return switch (status) {
      case INVALID_ARGUMENT ->
          new EtcdFailure(
              refusedByEtcd(message) ? Kind.REFUSED : Kind.UNKNOWN,
              ErrorCode.IO_ERROR,
              message,
              cause);
      case PERMISSION_DENIED, UNAUTHENTICATED ->
          new EtcdFailure(Kind.REFUSED, ErrorCode.IO_ERROR, message, cause);
      case OK,
          CANCELLED,
          UNKNOWN,
          DEADLINE_EXCEEDED,
          NOT_FOUND,
          ALREADY_EXISTS,
          RESOURCE_EXHAUSTED,
          FAILED_PRECONDITION,
          ABORTED,
          OUT_OF_RANGE,
          UNIMPLEMENTED,
          INTERNAL,
          UNAVAILABLE,
          DATA_LOSS ->
          new EtcdFailure(Kind.UNKNOWN, ErrorCode.IO_ERROR, message, cause);
    };
  }

  private static boolean refusedByEtcd(String message) {
    return message.contains("etcdserver: ");
  }

  /** Calls do not wait for a connection, so one that was not made carried nothing. */
  private static boolean neverLeft(Throwable thrown) {
    for (Throwable at = thrown; at != null; at = at.getCause()) {
      if (at instanceof ConnectException
          || at instanceof UnknownHostException
          || at instanceof UnresolvedAddressException
          || at instanceof RejectedExecutionException) {
        return true;
      }
    }
    return false;
  }

  /**
   * @param doing what was tried, as in "cannot ..."
   */
  SheafException toException(String doing) {
    var failure = new SheafException(code, "cannot " + doing + " in etcd: " + getMessage(), this);
    return switch (code) {
      case DISK_FULL ->
          failure.withHint("Compact and defragment etcd, then disarm its NOSPACE alarm.");
      case IO_ERROR -> failure.withHint("See whether a majority of etcd runs and can be reached.");
      default -> failure;
    };
  }
}
