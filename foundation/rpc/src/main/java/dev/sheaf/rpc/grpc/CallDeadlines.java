package dev.sheaf.rpc.grpc;

import dev.sheaf.protocol.Deadline;
import io.grpc.Context;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** The deadlines of incoming calls. */
public final class CallDeadlines {
  /** Of a call whose client set none: nothing waits without one. */
  private static final long NO_DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final long MAX_RESERVE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private CallDeadlines() {}

  /** The deadline of the call that the present thread answers. */
  public static Deadline current(LongSupplier nanoTime) {
    io.grpc.Deadline given = Context.current().getDeadline();
    return within(
        given == null ? NO_DEADLINE_NANOS : given.timeRemaining(TimeUnit.NANOSECONDS), nanoTime);
  }

  /**
   * A little before the client gives up, so that it still hears the answer: a tenth, at most 50 ms.
   *
   * @param leftNanos as the client sees it
   */
  public static Deadline within(long leftNanos, LongSupplier nanoTime) {
    long reserve = Math.min(leftNanos / 10, MAX_RESERVE_NANOS);
    return new Deadline(nanoTime.getAsLong() + leftNanos - reserve);
  }
}
