package dev.sheaf.rpc.shard.grpc;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/** Counts what is being answered, and refuses at once what is too much. Thread-safe. */
final class Admissions {
  private static final int UNIT_BYTES = 1 << 10;
  private static final int LEAST_UNITS = 64;

  private final ShardLimits limits;
  private final Semaphore callUnits;
  private final Map<String, Integer> streams = new ConcurrentHashMap<>();

  Admissions(ShardLimits limits) {
    this.limits = limits;
    this.callUnits =
        new Semaphore((int) Math.min(Integer.MAX_VALUE, limits.callBytes() / UNIT_BYTES));
  }

  /** Room that was taken; closing it gives it back, once. */
  interface Admission extends AutoCloseable {
    @Override
    void close();
  }

  Admission call(int messageBytes) {
    int units = Math.max(LEAST_UNITS, messageBytes / UNIT_BYTES);
    if (!callUnits.tryAcquire(units)) {
      throw new SheafException(
              ErrorCode.CONFIGURATION_LIMIT_EXCEEDED,
              "the page server is busy: calls of more than " + limits.callBytes() + " bytes wait")
          .withHint("Nothing was done. Try again in a moment.");
    }
    return once(() -> callUnits.release(units));
  }

  Admission stream(String client) {
    int open = streams.merge(client, 1, Integer::sum);
    Admission admission =
        once(() -> streams.computeIfPresent(client, (c, n) -> n == 1 ? null : n - 1));
    if (open > limits.streamsPerClient()) {
      admission.close();
      throw new SheafException(
              ErrorCode.CONFIGURATION_LIMIT_EXCEEDED,
              client + " has " + limits.streamsPerClient() + " views and loads open already")
          .withHint("Close results that are read to their end; run fewer queries at a time.");
    }
    return admission;
  }

  /** Streams open now, of all clients. */
  int openStreams() {
    return streams.values().stream().mapToInt(Integer::intValue).sum();
  }

  private static Admission once(Runnable release) {
    var open = new AtomicBoolean(true);
    return () -> {
      if (open.compareAndSet(true, false)) {
        release.run();
      }
    };
  }
}
