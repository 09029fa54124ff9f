package dev.sheaf.objectstore.s3;

import java.io.IOException;

/**
 * One request without a good answer. An {@link IOException}, so that it passes through the HTTP
 * client as it is. The message is for people: what the store or the network said.
 */
final class S3Failure extends IOException {
  private static final long serialVersionUID = 1L;

  /** What it means for the caller. */
  enum Kind {
    /** No such key or upload. */
    ABSENT,
    /** The key exists, and was only to be created. */
    CONDITION_FAILED,
    /** The range begins behind the end. */
    RANGE_BEHIND_END,
    BUCKET_MISSING,
    DENIED,
    WRONG_REGION,
    CLOCK_SKEWED,
    /** Out of space or quota. */
    FULL,
    /** The store does not know the request, or a header of it. */
    UNSUPPORTED,
    /** Any other refusal; repeating it is of no use. */
    REJECTED,
    /** The store asks for another attempt: 5xx, 429, a conflict with another request. */
    BUSY,
    /** No connection: the request has not been sent. */
    UNREACHABLE,
    /** Sent, but no whole answer came. */
    LOST,
    /** The content is not what was put, by its checksum. */
    DAMAGED,
    /** The calling thread was interrupted while it waited. */
    INTERRUPTED,
    /** As many requests as allowed were under way all the time. */
    CROWDED
  }

  private final Kind kind;

  S3Failure(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  S3Failure(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  Kind kind() {
    return kind;
  }

  /** The message, never null. */
  String message() {
    return String.valueOf(getMessage());
  }

  boolean isWorthRetrying() {
    return switch (kind) {
      case BUSY, UNREACHABLE, LOST, DAMAGED -> true;
      case ABSENT,
          CONDITION_FAILED,
          RANGE_BEHIND_END,
          BUCKET_MISSING,
          DENIED,
          WRONG_REGION,
          CLOCK_SKEWED,
          FULL,
          UNSUPPORTED,
          REJECTED,
          INTERRUPTED,
          CROWDED ->
          false;
    };
  }

  /** Whether the store works, and its answer is no. */
  boolean isRefusal() {
    return !isWorthRetrying() && kind != Kind.INTERRUPTED && kind != Kind.CROWDED;
  }

  /** Whether the store may have done, or may still do, what was asked for. */
  boolean mayHaveHappened() {
    // a 5xx may come from a proxy that gave up waiting
    return kind == Kind.BUSY || kind == Kind.LOST || kind == Kind.INTERRUPTED;
  }
}
