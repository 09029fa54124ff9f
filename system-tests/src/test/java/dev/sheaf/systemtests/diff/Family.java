package dev.sheaf.systemtests.diff;

import dev.sheaf.columnar.segment.BlockCache;
import dev.sheaf.columnar.segment.Segments;
import dev.sheaf.columnar.text.TextFormat;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.compute.exec.QueryExecutor;
import dev.sheaf.compute.session.ComputeConfig;
import dev.sheaf.compute.session.ComputeService;
import dev.sheaf.compute.transaction.TimeSource;
import dev.sheaf.coordination.embedded.EmbeddedCoordination;
import dev.sheaf.log.NodeId;
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
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.rpc.control.DatabaseDirectory;
import dev.sheaf.rpc.sql.SqlService.SessionParameters;
import dev.sheaf.rpc.sql.SqlSession;
import dev.sheaf.rpc.sql.SqlSession.Cancel;
import dev.sheaf.rpc.sql.SqlSession.SqlResult;
import dev.sheaf.testkit.log.MemorySafekeeper;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/** Databases, {@code db0} and its branches, on one page server and one compute. */
final class Family implements AutoCloseable {
  private static final TextFormat TEXT = new TextFormat(ZoneOffset.UTC);

  final CountedObjects objects = new CountedObjects();
  private final ExecutorService workers = Executors.newFixedThreadPool(2);
  private final ExecutorService background = Executors.newVirtualThreadPerTaskExecutor();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final EmbeddedCoordination coordination;
  private final PageServer shards;
  private final Random random;
  private final Databases databases = new Databases();
  private final Map<String, SqlSession> sessions = new HashMap<>();
  private @Nullable ComputeService compute;

  private static final class Databases implements DatabaseDirectory {
    private final List<DatabaseInfo> all = new CopyOnWriteArrayList<>();

    void add(String name) {
      all.add(new DatabaseInfo(new DatabaseId(name), name, true));
    }

    @Override
    public Optional<DatabaseInfo> byName(String name) {
      return all.stream().filter(info -> info.name().equals(name)).findFirst();
    }

    @Override
    public List<DatabaseInfo> all() {
      return List.copyOf(all);
    }
  }

  /**
   * @param scratch an empty folder
   */
  Family(Path scratch, Random random, PageServerConfig config) {
    this.random = random;
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
            config);
    databases.add("db0");
    restartCompute();
  }

  /** Nothing is cached after it. */
  void restartCompute() {
    closeCompute();
    var segments = new Segments(objects::getRange, new BlockCache(32L << 20));
    compute =
        new ComputeService(
            ComputeConfig.defaults(256L << 20, 2, "test"),
            databases,
            shards,
            segments::open,
            new QueryExecutor(System::nanoTime, random)::execute,
            workers,
            TimeSource.SYSTEM,
            random);
  }

  private void closeCompute() {
    sessions.values().forEach(SqlSession::close);
    sessions.clear();
    if (compute != null) {
      compute.close();
    }
  }

  static Deadline soon() {
    return Deadline.after(System.nanoTime(), 30_000);
  }

  private static ShardId shard(String database) {
    return ShardId.root(new DatabaseId(database));
  }

  void branch(String parent, String child) {
    Timestamp now = shards.snapshot(shard(parent), soon()).timestamp();
    shards.branch(shard(parent), shard(child), now, soon());
    databases.add(child);
  }

  /** Rows to segments: the owner flushes as it gives the shard up; the next statement opens it. */
  void flush(String database) {
    shards.release(shard(database), soon());
  }

  void compact(String database) {
    shards.compact(shard(database), soon());
  }

  private SqlSession session(String database) {
    ComputeService open = Objects.requireNonNull(compute);
    return sessions.computeIfAbsent(
        database, name -> open.openSession(new SessionParameters(name, "test", Map.of()), soon()));
  }

  /** Names of the columns of a query's result. */
  List<String> names(String database, String sql) {
    try (SqlSession.PreparedSql prepared = session(database).prepare(sql, null)) {
      return prepared.resultFields().stream().map(Field::name).toList();
    }
  }

  /** Rows as text, {@code null} for NULL; the number of rows changed of other statements. */
  List<List<String>> run(String database, String sql) {
    return switch (session(database).execute(sql, null, Cancel.NEVER)) {
      case SqlResult.UpdateCount count -> List.of(List.of(Long.toString(count.rows())));
      case SqlResult.Rows rows -> read(rows);
    };
  }

  private static List<List<String>> read(SqlResult.Rows rows) {
    List<List<String>> read = new ArrayList<>();
    try (BatchSource batches = rows.batches()) {
      for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
        for (int i = 0; i < batch.selected(); i++) {
          List<String> row = new ArrayList<>();
          for (int c = 0; c < rows.fields().size(); c++) {
            Object value = batch.column(c).value(batch.row(i));
            row.add(value == null ? "null" : TEXT.format(value, rows.fields().get(c).type()));
          }
          read.add(row);
        }
      }
    }
    return read;
  }

  @Override
  public void close() {
    closeCompute();
    shards.close();
    coordination.close();
    timer.shutdownNow();
    background.shutdownNow();
    workers.shutdownNow();
  }
}
