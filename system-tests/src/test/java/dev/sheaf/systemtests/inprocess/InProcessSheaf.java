package dev.sheaf.systemtests.inprocess;

import dev.sheaf.columnar.segment.BlockCache;
import dev.sheaf.columnar.segment.Segments;
import dev.sheaf.compute.exec.QueryExecutor;
import dev.sheaf.compute.session.ComputeConfig;
import dev.sheaf.compute.session.ComputeService;
import dev.sheaf.compute.transaction.TimeSource;
import dev.sheaf.coordination.embedded.EmbeddedCoordination;
import dev.sheaf.log.NodeId;
import dev.sheaf.objectstore.MemoryObjectStore;
import dev.sheaf.pageserver.PageServerConfig;
import dev.sheaf.pageserver.log.LogMembers;
import dev.sheaf.pageserver.log.QuorumLogFactory;
import dev.sheaf.pageserver.log.QuorumLogSettings;
import dev.sheaf.pageserver.segment.SegmentStore;
import dev.sheaf.pageserver.serve.PageServer;
import dev.sheaf.pageserver.serve.PageServerPorts;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.rpc.control.DatabaseDirectory;
import dev.sheaf.rpc.sql.SqlService.SessionParameters;
import dev.sheaf.rpc.sql.SqlSession;
import dev.sheaf.testkit.log.MemorySafekeeper;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/**
 * A compute over a page server over a log and an object store in memory: all of Sheaf but
 * processes, sockets and disks. One session.
 */
public final class InProcessSheaf implements AutoCloseable {
  private static final DatabaseId DATABASE = new DatabaseId("db-1");

  private final ExecutorService workers = Executors.newFixedThreadPool(2);
  private final ExecutorService background = Executors.newVirtualThreadPerTaskExecutor();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final EmbeddedCoordination coordination;
  private final PageServer shards;
  private final ComputeService compute;
  private final SqlSession session;

  private record OneDatabase(DatabaseInfo info) implements DatabaseDirectory {
    @Override
    public Optional<DatabaseInfo> byName(String name) {
      return Optional.of(info);
    }

    @Override
    public List<DatabaseInfo> all() {
      return List.of(info);
    }
  }

  /**
   * @param scratch an empty folder
   */
  public InProcessSheaf(Path scratch, long seed) {
    var random = new Random(seed);
    var objects = new MemoryObjectStore();
    coordination = EmbeddedCoordination.inMemory(System::nanoTime, background);
    var safekeeper = new MemorySafekeeper();
    var logs =
        new QuorumLogFactory(
            new LogMembers(
                coordination,
                node -> safekeeper,
                shard -> List.of(new NodeId("sk1")),
                System::nanoTime),
            node -> safekeeper,
            QuorumLogSettings.DEFAULT,
            System::nanoTime,
            random::nextLong,
            background,
            timer);
    shards =
        new PageServer(
            new PageServerPorts(
                coordination,
                objects,
                new SegmentStore(objects, new BlockCache(32L << 20), scratch),
                logs::create,
                shard -> true,
                "node",
                System::currentTimeMillis,
                System::nanoTime,
                background),
            PageServerConfig.DEFAULT);
    var segments = new Segments(objects::getRange, new BlockCache(32L << 20));
    compute =
        new ComputeService(
            ComputeConfig.defaults(256L << 20, 2, "test"),
            new OneDatabase(new DatabaseDirectory.DatabaseInfo(DATABASE, "db", true)),
            shards,
            segments::open,
            new QueryExecutor(System::nanoTime, random)::execute,
            workers,
            TimeSource.SYSTEM,
            random);
    session = compute.openSession(new SessionParameters("db", "test", Map.of()), soon());
  }

  private static Deadline soon() {
    return Deadline.after(System.nanoTime(), 30_000);
  }

  /** Rows to segments: the owner flushes as it gives the shard up; the next statement opens it. */
  public void flush() {
    shards.release(ShardId.root(DATABASE), soon());
  }

  /** The one session. */
  public SqlSession session() {
    return session;
  }

  @Override
  public void close() {
    session.close();
    compute.close();
    shards.close();
    coordination.close();
    timer.shutdownNow();
    background.shutdownNow();
    workers.shutdownNow();
  }
}
