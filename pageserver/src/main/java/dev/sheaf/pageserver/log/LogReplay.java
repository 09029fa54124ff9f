package dev.sheaf.pageserver.log;

import dev.sheaf.log.NodeId;
import dev.sheaf.log.RecordFrame;
import dev.sheaf.pageserver.log.ShardLog.RecordConsumer;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.log.SafekeeperService.ReadRange;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads committed records back, from whichever safekeeper has them whole. Used by one thread, which
 * it blocks.
 */
final class LogReplay {
  private static final int BATCH_BYTES = 1 << 20;
  private static final long PAUSE_MILLIS = 20;

  private final Term term;
  private final SafekeeperCalls calls;
  private final Function<Lsn, List<NodeId>> holders;
  private final LongSupplier nanoTime;
  private final long requestTimeoutMillis;

  /**
   * @param holders safekeepers that hold the record at a position, best first
   * @param requestTimeoutMillis after this long without an answer the next safekeeper is asked
   */
  LogReplay(
      Term term,
      SafekeeperCalls calls,
      Function<Lsn, List<NodeId>> holders,
      LongSupplier nanoTime,
      long requestTimeoutMillis) {
    this.term = term;
    this.calls = calls;
    this.holders = holders;
    this.nanoTime = nanoTime;
    this.requestTimeoutMillis = requestTimeoutMillis;
  }

  void run(Lsn from, Lsn end, RecordConsumer consumer, Deadline deadline) {
    Lsn at = from;
    while (at.isBefore(end)) {
      byte[] frames = readFromAny(at, end, deadline);
      RecordFrame.forEach(at, frames, consumer::accept);
      at = at.plus(frames.length);
    }
  }

  /** One safekeeper's damage is no loss while another has the record whole. */
  private byte[] readFromAny(Lsn at, Lsn end, Deadline deadline) {
    Throwable last = null;
    while (!deadline.isExpired(nanoTime.getAsLong())) {
      List<NodeId> nodes = holders.apply(at);
      int damaged = 0;
      for (NodeId node : nodes) {
        try {
          byte[] frames = read(node, at, end, deadline);
          if (frames.length > 0) {
            return frames;
          }
        } catch (ExecutionException | TimeoutException e) {
          last = e.getCause() == null ? e : SafekeeperCalls.causeOf(e.getCause());
          damaged += SafekeeperCalls.isCorruption(last) ? 1 : 0;
        }
      }
      if (!nodes.isEmpty() && damaged == nodes.size()) {
        throw new SheafException(
            ErrorCode.DATA_CORRUPTED,
            "log record at LSN " + at + " is damaged on every safekeeper that can be reached",
            last);
      }
      pause();
    }
    throw unavailable(at, last);
  }

  private byte[] read(NodeId node, Lsn at, Lsn end, Deadline deadline)
      throws ExecutionException, TimeoutException {
    long now = nanoTime.getAsLong();
    Deadline request = Deadline.after(now, requestTimeoutMillis);
    long nanos = Math.min(request.remainingNanos(now), deadline.remainingNanos(now));
    try {
      return calls
          .read(node, new ReadRange(term, at, end, BATCH_BYTES), new Deadline(now + nanos))
          .get(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private static SheafException interrupted() {
    Thread.currentThread().interrupt();
    return new SheafException(ErrorCode.QUERY_CANCELED, "interrupted while reading the log");
  }

  private static SheafException unavailable(Lsn at, @Nullable Throwable cause) {
    return new SheafException(
            ErrorCode.CANNOT_CONNECT_NOW,
            "no safekeeper delivered the log record at LSN " + at + " in time",
            cause)
        .withHint("Check that a majority of the safekeepers is up.");
  }
}
