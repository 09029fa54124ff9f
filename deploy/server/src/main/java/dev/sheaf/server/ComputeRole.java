package dev.sheaf.server;

import dev.sheaf.columnar.segment.SegmentReader;
import dev.sheaf.columnar.segment.Segments;
import dev.sheaf.compute.Compute;
import dev.sheaf.compute.session.ComputeConfig;
import dev.sheaf.compute.spill.SpillSpace;
import dev.sheaf.compute.storage.ReadTimes;
import dev.sheaf.compute.storage.SegmentOpener;
import dev.sheaf.compute.transaction.TimeSource;
import dev.sheaf.rpc.control.DatabaseDirectory;
import dev.sheaf.rpc.shard.ShardService;
import dev.sheaf.rpc.sql.SqlService;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;

/** The compute: SQL over the shards, with a fixed pool of threads for queries. */
final class ComputeRole implements AutoCloseable {
  private final Compute compute;
  private final ExecutorService workers;

  private ComputeRole(Compute compute, ExecutorService workers) {
    this.compute = compute;
    this.workers = workers;
  }

  /**
   * @param imports the only folder of COPY
   * @param spill folder for what queries cannot keep in memory
   */
  static ComputeRole start(
      SheafConfig config,
      Path imports,
      Path spill,
      DatabaseDirectory directory,
      ShardService shards,
      Segments segments,
      MemoryPlan memory,
      ServerThreads threads,
      RandomGenerator random) {
    int parallelism =
        config.query().parallelism().orElse(Runtime.getRuntime().availableProcessors());
    ExecutorService workers =
        Executors.newFixedThreadPool(
            parallelism, Thread.ofPlatform().daemon().name("query-", 0).factory());
    var compute =
        new Compute(
            computeConfig(memory, parallelism)
                .withImportDirectory(imports)
                .withSpill(spill, config.query().spill().asLongValue()),
            directory,
            shards,
            opener(segments),
            workers,
            threads.timer(),
            TimeSource.SYSTEM,
            random);
    return new ComputeRole(compute, workers);
  }

  private static SegmentOpener opener(Segments segments) {
    return new SegmentOpener() {
      @Override
      public SegmentReader open(String objectKey, long sizeBytes) {
        return segments.open(objectKey, sizeBytes);
      }

      @Override
      public void expect(String objectKey, long sizeBytes) {
        segments.expect(objectKey, sizeBytes);
      }
    };
  }

  private static ComputeConfig computeConfig(MemoryPlan memory, int parallelism) {
    String version = ComputeRole.class.getPackage().getImplementationVersion();
    ComputeConfig defaults =
        ComputeConfig.defaults(
            memory.queryBytes(), parallelism, version == null ? "development" : version);
    return new ComputeConfig(
        defaults.maxSessions(),
        defaults.maxTransactions(),
        defaults.maxPrepared(),
        defaults.maxRunning(),
        defaults.admissionWaitMillis(),
        memory.queryBytes(),
        memory.oneQueryBytes(),
        parallelism,
        defaults.statementTimeoutMillis(),
        defaults.maxStatementMillis(),
        defaults.idleInTransactionMillis(),
        memory.planCacheBytes(),
        memory.catalogCacheBytes(),
        defaults.transactions(),
        defaults.importDirectory(),
        defaults.spillDirectory(),
        defaults.spillBytes(),
        defaults.version());
  }

  SqlService sql() {
    return compute.sql();
  }

  /** Explicit transactions that ended without a commit being tried. */
  long rolledBack() {
    return compute.rolledBack();
  }

  SpillSpace spill() {
    return compute.spill();
  }

  ReadTimes reads() {
    return compute.reads();
  }

  @Override
  public void close() {
    compute.close();
    workers.shutdownNow();
  }
}
