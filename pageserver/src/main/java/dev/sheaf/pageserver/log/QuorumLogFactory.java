package dev.sheaf.pageserver.log;

import dev.sheaf.log.Configuration;
import dev.sheaf.log.NodeId;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.rpc.log.SafekeeperService;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;

/** Makes the logs of shards over one set of safekeepers. Thread-safe. */
public final class QuorumLogFactory {
  private final Map<NodeId, SafekeeperService> safekeepers;
  private final QuorumLogSettings settings;
  private final LongSupplier nanoTime;
  private final LongSupplier candidates;
  private final Executor executor;
  private final ScheduledExecutorService timer;

  /**
   * @param safekeepers the members, an odd number; one stands alone, three survive the loss of one
   * @param nanoTime monotonic clock, as {@code System::nanoTime}
   * @param candidates random numbers, each other than all others ever drawn anywhere (64 random
   *     bits)
   * @param executor completes futures; its threads may block, so virtual threads suit best
   * @param timer for retries and timeouts; its thread never blocks
   */
  public QuorumLogFactory(
      Map<NodeId, SafekeeperService> safekeepers,
      QuorumLogSettings settings,
      LongSupplier nanoTime,
      LongSupplier candidates,
      Executor executor,
      ScheduledExecutorService timer) {
    this.safekeepers = Map.copyOf(safekeepers);
    this.settings = settings;
    this.nanoTime = nanoTime;
    this.candidates = candidates;
    this.executor = executor;
    this.timer = timer;
  }

  /**
   * An unopened log. Each instance serves one term: after it was fenced, failed or closed, the
   * owner needs a new grant and a new instance.
   */
  public ShardLog create(ShardId shard) {
    Configuration configuration =
        Configuration.of(settings.configurationGeneration(), List.copyOf(safekeepers.keySet()));
    return new QuorumShardLog(
        shard,
        configuration,
        safekeepers,
        settings,
        nanoTime,
        candidates.getAsLong(),
        executor,
        timer);
  }
}
