package dev.sheaf.server;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.log.Proposer;
import dev.sheaf.pageserver.PageServerConfig;
import dev.sheaf.pageserver.branch.BranchReferences;
import dev.sheaf.pageserver.log.LogMembers;
import dev.sheaf.pageserver.log.QuorumLogFactory;
import dev.sheaf.pageserver.log.QuorumLogSettings;
import dev.sheaf.pageserver.segment.SegmentStore;
import dev.sheaf.pageserver.serve.PageServer;
import dev.sheaf.pageserver.serve.PageServerPorts;
import dev.sheaf.pageserver.serve.ShardStatus;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.rpc.control.ShardHost;
import dev.sheaf.rpc.shard.ShardService;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/** The page server: owns the shards of all databases. */
final class PageServerRole implements AutoCloseable {
  private static final String NODE = "standalone";
  private static final long LEASE_MILLIS = 10_000;

  /** Of one shard's log in memory: small, because there are as many as databases. */
  private static final Proposer.Limits LOG_LIMITS =
      new Proposer.Limits(1 << 20, 16L << 20, 256L << 10);

  private final PageServer server;
  private final ShardHost host;
  private final ShardUpkeep upkeep;

  private PageServerRole(PageServer server, ShardHost host, ShardUpkeep upkeep) {
    this.server = server;
    this.host = host;
    this.upkeep = upkeep;
  }

  /**
   * @param exists whether the control plane knows a shard
   * @param scratch an empty folder of this process alone
   */
  static PageServerRole start(
      Coordination coordination,
      SegmentReads reads,
      SafekeeperRole safekeepers,
      Path scratch,
      Predicate<ShardId> exists,
      DatabaseHistory history,
      MemoryPlan memory,
      ServerThreads threads,
      RandomGenerator random,
      ServerMetrics metrics) {
    var logs =
        new QuorumLogFactory(
            new LogMembers(
                coordination, safekeepers, shard -> safekeepers.nodes(), System::nanoTime),
            safekeepers,
            logSettings(),
            System::nanoTime,
            random::nextLong,
            threads.blocking(),
            threads.timer());
    var ports =
        new PageServerPorts(
            coordination,
            reads.objects(),
            new SegmentStore(reads.objects(), reads.segments(), scratch),
            shard -> new MeteredShardLog(logs.create(shard), metrics),
            exists,
            NODE,
            System::currentTimeMillis,
            System::nanoTime,
            threads.blocking(),
            history,
            new BranchReferences(reads.objects(), history::branches),
            Optional.empty()); // nothing moves, and what was hot here is known in the data folder
    var server = new PageServer(ports, config(memory, LEASE_MILLIS));
    metrics.watch(server);
    return new PageServerRole(
        server,
        new LocalShardHost(server, logs, coordination, reads.objects(), System::nanoTime),
        upkeep(server, threads));
  }

  /** Looks after the page server's shards now and then, until it is closed. */
  static ShardUpkeep upkeep(PageServer server, ServerThreads threads) {
    return new ShardUpkeep(server::maintain, threads.blocking(), threads.timer());
  }

  static QuorumLogSettings logSettings() {
    QuorumLogSettings defaults = QuorumLogSettings.DEFAULT;
    return new QuorumLogSettings(
        LOG_LIMITS,
        defaults.requestTimeoutMillis(),
        defaults.commitTimeoutMillis(),
        defaults.firstRetryMillis(),
        defaults.lastRetryMillis());
  }

  static PageServerConfig config(MemoryPlan memory, long leaseMillis) {
    return new PageServerConfig(
        memory.flushBytes(),
        memory.memtableBytes(),
        memory.bulkChunkBytes(),
        memory.bulkLoads(),
        Math.min(PageServerConfig.DEFAULT.commitBytes(), memory.memtableBytes() / 2),
        leaseMillis);
  }

  ShardService service() {
    return server;
  }

  /** How the shards stand that are open here. */
  List<ShardStatus> shards() {
    return server.statuses();
  }

  /** Why shards that are asked for here are not open, as far as known. */
  Map<ShardId, String> closedShards() {
    return server.closed();
  }

  ShardHost host() {
    return host;
  }

  /** Flushes and closes all shards. */
  @Override
  public void close() {
    upkeep.close();
    server.close();
  }
}
