package dev.sheaf.compute;

import dev.sheaf.compute.exec.QueryExecutor;
import dev.sheaf.compute.session.ComputeConfig;
import dev.sheaf.compute.session.ComputeService;
import dev.sheaf.compute.spill.SpillSpace;
import dev.sheaf.compute.storage.ReadTimes;
import dev.sheaf.compute.storage.SegmentOpener;
import dev.sheaf.compute.transaction.TimeSource;
import dev.sheaf.rpc.control.DatabaseDirectory;
import dev.sheaf.rpc.shard.ShardService;
import dev.sheaf.rpc.sql.SqlService;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** A compute, wired from its parts. Thread-safe; closing it closes all sessions. */
public final class Compute implements AutoCloseable {
  private static final long EXPIRE_EVERY_MILLIS = 1_000;

  private final ComputeService service;
  private final ScheduledFuture<?> expiry;

  /**
   * @param shards the owners of the databases' shards
   * @param segments opens segments through the process's block cache
   * @param workers CPU pool of the queries; stays the caller's
   * @param timer runs short periodic work; stays the caller's
   * @param random thread-safe; feeds ids, RANDOM and pauses
   */
  public Compute(
      ComputeConfig config,
      DatabaseDirectory directory,
      ShardService shards,
      SegmentOpener segments,
      Executor workers,
      ScheduledExecutorService timer,
      TimeSource time,
      RandomGenerator random) {
    var queries = new QueryExecutor(time::nanoTime, random);
    this.service =
        new ComputeService(
            config, directory, shards, segments, queries::execute, workers, time, random);
    this.expiry =
        timer.scheduleWithFixedDelay(
            service::expire, EXPIRE_EVERY_MILLIS, EXPIRE_EVERY_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** What the protocol front calls. */
  public SqlService sql() {
    return service;
  }

  /** As {@link ComputeService#rolledBack}. */
  public long rolledBack() {
    return service.rolledBack();
  }

  /** As {@link ComputeService#reads}. */
  public ReadTimes reads() {
    return service.reads();
  }

  /** As {@link ComputeService#spill}. */
  public SpillSpace spill() {
    return service.spill();
  }

  @Override
  public void close() {
    expiry.cancel(false);
    service.close();
  }
}
