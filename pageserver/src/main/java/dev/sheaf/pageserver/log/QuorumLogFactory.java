package dev.sheaf.pageserver.log;

import dev.sheaf.protocol.ShardId;
import dev.sheaf.rpc.log.SafekeeperDirectory;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;

/** Makes the logs of shards, each over the safekeepers that are its members. Thread-safe. */
public final class QuorumLogFactory {
  private final LogMembers members;
  private final SafekeeperDirectory safekeepers;
  private final QuorumLogSettings settings;
  private final LongSupplier nanoTime;
  private final LongSupplier candidates;
  private final Executor executor;
  private final ScheduledExecutorService timer;

  /**
   * @param members of each log
   * @param safekeepers where they are
   * @param nanoTime monotonic clock, as {@code System::nanoTime}
   * @param candidates random numbers, each other than all others ever drawn anywhere (64 random
   *     bits)
   * @param executor completes futures and talks to coordination; its threads may block, so virtual
   *     threads suit best
   * @param timer for retries and timeouts; its thread never blocks
   */
  public QuorumLogFactory(
      LogMembers members,
      SafekeeperDirectory safekeepers,
      QuorumLogSettings settings,
      LongSupplier nanoTime,
      LongSupplier candidates,
      Executor executor,
      ScheduledExecutorService timer) {
    this.members = members;
    this.safekeepers = safekeepers;
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
    return new QuorumShardLog(
        shard, members, safekeepers, settings, nanoTime, candidates.getAsLong(), executor, timer);
  }
}
