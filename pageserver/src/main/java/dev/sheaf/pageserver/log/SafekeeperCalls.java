package dev.sheaf.pageserver.log;

import dev.sheaf.log.NodeId;
import dev.sheaf.log.ProposerEffect;
import dev.sheaf.log.RecordFrame;
import dev.sheaf.log.Reply;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.log.SafekeeperDirectory;
import dev.sheaf.rpc.log.SafekeeperService.ReadRange;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * One log's calls to its safekeepers: at most one under way for each, answers given to a listener,
 * calls without an answer given up after the timeout, pauses before the next attempt growing.
 * Thread-safe.
 */
final class SafekeeperCalls {
  private static final Logger LOG = System.getLogger(SafekeeperCalls.class.getName());
  private static final int FETCH_BYTES = 1 << 20;

  /** Told of each outcome, on any thread. */
  interface Listener {
    void replied(NodeId from, Reply reply);

    void fetched(ProposerEffect.Fetch fetch, byte[] frames);

    void fetchFailed(ProposerEffect.Fetch fetch);

    /** The call for that safekeeper had no answer. */
    void failed(NodeId node, Throwable error);

    /** The pause is over. */
    void retry(NodeId node);
  }

  private record Call(long number, long sentNanos) {}

  private final ShardId shard;
  private final SafekeeperDirectory safekeepers;
  private final QuorumLogSettings settings;
  private final LongSupplier nanoTime;
  private final ScheduledExecutorService timer;
  private final Listener listener;
  private final AtomicLong numbers = new AtomicLong();
  private final Map<NodeId, Call> underWay = new ConcurrentHashMap<>();
  private final Map<NodeId, Integer> failures = new ConcurrentHashMap<>();

  SafekeeperCalls(
      ShardId shard,
      SafekeeperDirectory safekeepers,
      QuorumLogSettings settings,
      LongSupplier nanoTime,
      ScheduledExecutorService timer,
      Listener listener) {
    this.shard = shard;
    this.safekeepers = safekeepers;
    this.settings = settings;
    this.nanoTime = nanoTime;
    this.timer = timer;
    this.listener = listener;
  }

  void send(ProposerEffect.Send send) {
    Call call = begin(send.to());
    attempt(() -> safekeepers.of(send.to()).request(shard, send.request(), deadline(call)))
        .whenComplete((reply, error) -> {
          if (!end(send.to(), call)) {
            return; // given up already
          }
          if (error == null) {
            succeeded(send.to());
            listener.replied(send.to(), reply);
          } else {
            failed(send.to(), error);
          }
        });
  }

  void fetch(Term term, ProposerEffect.Fetch fetch) {
    Call call = begin(fetch.reader());
    ReadRange range = new ReadRange(term, fetch.begin(), fetch.end(), FETCH_BYTES);
    read(fetch.donor(), range, deadline(call))
        .whenComplete((frames, error) -> {
          if (!end(fetch.reader(), call)) {
            return;
          }
          if (error == null) {
            listener.fetched(fetch, frames);
          } else {
            LOG.log(
                Level.WARNING,
                "{0}: safekeeper {1} cannot bring {2} up to date from {3}: {4}",
                shard,
                fetch.donor(),
                fetch.reader(),
                fetch.begin(),
                causeOf(error).getMessage());
            listener.fetchFailed(fetch);
          }
        });
  }

  /** Reads whole records and checks each. */
  CompletableFuture<byte[]> read(NodeId donor, ReadRange range, Deadline deadline) {
    return attempt(() -> safekeepers.of(donor).read(shard, range, deadline))
        .thenApply(frames -> {
          RecordFrame.check(range.begin(), frames);
          return frames;
        });
  }

  void retryLater(NodeId node) {
    int attempts = failures.merge(node, 1, Integer::sum);
    long pause =
        Math.min(
            settings.lastRetryMillis(), settings.firstRetryMillis() << Math.min(attempts - 1, 20));
    timer.schedule(() -> listener.retry(node), pause, TimeUnit.MILLISECONDS);
  }

  /** Gives up the calls that have waited for too long; true if some are still under way. */
  boolean giveUpOverdue() {
    long now = nanoTime.getAsLong();
    long timeout = TimeUnit.MILLISECONDS.toNanos(settings.requestTimeoutMillis());
    List<NodeId> overdue = new ArrayList<>();
    underWay.forEach((node, call) -> {
      if (now - call.sentNanos > timeout && end(node, call)) {
        overdue.add(node);
      }
    });
    overdue.forEach(
        node -> failed(node, new IllegalStateException("no answer within " + timeout + " ns")));
    return !underWay.isEmpty();
  }

  /** An adapter that throws must not stop the log's other effects. */
  static <T> CompletableFuture<T> attempt(Supplier<CompletableFuture<T>> call) {
    try {
      return call.get();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private Call begin(NodeId node) {
    Call call = new Call(numbers.incrementAndGet(), nanoTime.getAsLong());
    underWay.put(node, call);
    return call;
  }

  private boolean end(NodeId node, Call call) {
    return underWay.remove(node, call);
  }

  private Deadline deadline(Call call) {
    return Deadline.after(call.sentNanos, settings.requestTimeoutMillis());
  }

  private void succeeded(NodeId node) {
    if (failures.remove(node) != null) {
      LOG.log(Level.INFO, "{0}: safekeeper {1} answers again", shard, node);
    }
  }

  private void failed(NodeId node, Throwable error) {
    Throwable cause = causeOf(error);
    if (!failures.containsKey(node)) {
      LOG.log(Level.WARNING, "{0}: safekeeper {1} failed: {2}", shard, node, cause.getMessage());
    }
    listener.failed(node, cause);
  }

  static Throwable causeOf(Throwable error) {
    return error instanceof CompletionException && error.getCause() != null
        ? error.getCause()
        : error;
  }

  static boolean isCorruption(Throwable error) {
    return causeOf(error) instanceof SheafException e && e.code() == ErrorCode.DATA_CORRUPTED;
  }
}
