package dev.sheaf.pageserver.serve;

import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/** Waits for futures until a deadline. */
final class Waiting {
  private Waiting() {}

  /**
   * The future's value or its SheafException.
   *
   * @param late thrown when the deadline passes, or the thread is interrupted, before that
   */
  static <T> T await(
      CompletableFuture<T> future,
      Deadline deadline,
      LongSupplier nanoClock,
      ErrorCode late,
      String what) {
    return await(
        () -> future.get(deadline.remainingNanos(nanoClock.getAsLong()), TimeUnit.NANOSECONDS),
        late,
        what);
  }

  /** The same, perhaps a little late. */
  static <T> T await(
      CoarseDeadlines waits,
      CompletableFuture<T> future,
      Deadline deadline,
      ErrorCode late,
      String what) {
    return await(() -> waits.await(future, deadline), late, what);
  }

  private interface Wait<T> {
    T get() throws ExecutionException, TimeoutException, InterruptedException;
  }

  private static <T> T await(Wait<T> wait, ErrorCode late, String what) {
    try {
      return wait.get();
    } catch (ExecutionException e) {
      throw asSheaf(e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      throw new SheafException(late, what);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SheafException(late, what, e);
    }
  }

  /** Waits for the end of another one's work, whatever it is. */
  static void awaitEnd(
      CompletableFuture<?> future, Deadline deadline, LongSupplier nanoClock, String what) {
    Object unused =
        await(
            future.handle((value, error) -> true),
            deadline,
            nanoClock,
            ErrorCode.QUERY_CANCELED,
            "canceling statement due to statement timeout: it waited for " + what);
  }

  /** Waits for work to be done; its error, or 57P03 when the deadline passes before that. */
  static void awaitDone(
      CompletableFuture<?> future, Deadline deadline, LongSupplier nanoClock, String what) {
    Object unused =
        await(
            future.thenApply(value -> true),
            deadline,
            nanoClock,
            ErrorCode.CANNOT_CONNECT_NOW,
            what + " takes too long");
  }

  /** Returns early when the thread is interrupted. */
  static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  static SheafException asSheaf(Throwable error) {
    if (error instanceof SheafException sheaf) {
      return sheaf;
    }
    Throwable cause = error.getCause();
    return cause instanceof SheafException sheaf
        ? sheaf
        : new SheafException(ErrorCode.INTERNAL_ERROR, "unexpected: " + error, error);
  }
}
