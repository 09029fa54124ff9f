package dev.sheaf.protocol;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;

/**
 * The moment at which a caller stops waiting, on the monotonic clock of this process ({@code
 * System.nanoTime()} as read by the caller). Remote adapters turn it into a remaining time.
 */
public record Deadline(long nanoTime) {

  public static Deadline after(long nowNanos, long timeoutMillis) {
    return new Deadline(nowNanos + timeoutMillis * 1_000_000L);
  }

  /** Nanoseconds left, at least 0. */
  public long remainingNanos(long nowNanos) {
    return Math.max(0, nanoTime - nowNanos);
  }

  public boolean isExpired(long nowNanos) {
    return nanoTime - nowNanos <= 0;
  }

  public boolean isBefore(Deadline other) {
    return nanoTime - other.nanoTime < 0;
  }

  /** Fails with 57014 if the deadline has passed. */
  public void check(long nowNanos) {
    if (isExpired(nowNanos)) {
      throw new SheafException(
              ErrorCode.QUERY_CANCELED, "canceling statement due to statement timeout")
          .withHint("Raise it with SET statement_timeout_ms = ..., or ask for less.");
    }
  }
}
