package dev.sheaf.compute.session;

import dev.sheaf.columnar.memory.MemoryBudget;
import dev.sheaf.compute.catalog.CatalogReader;
import dev.sheaf.compute.catalog.DatabaseSequences;
import dev.sheaf.compute.catalog.TableEstimates;
import dev.sheaf.compute.spill.SpillSpace;
import dev.sheaf.compute.storage.ReadTimes;
import dev.sheaf.compute.storage.SegmentOpener;
import dev.sheaf.compute.storage.ShardAccess;
import dev.sheaf.compute.storage.TransactionIds;
import dev.sheaf.compute.transaction.QueryRunner;
import dev.sheaf.compute.transaction.TimeSource;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.control.DatabaseDirectory;
import dev.sheaf.rpc.control.DatabaseDirectory.DatabaseInfo;
import dev.sheaf.rpc.shard.ShardService;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;

/** What all sessions of a compute share. Thread-safe. */
final class Engine {
  final ComputeConfig config;
  final TimeSource time;
  final Executor workers;
  final QueryRunner queries;
  final CatalogReader catalogs;
  final TableEstimates estimates;
  final Plans plans;
  final Admission admission;
  final RunningStatements statements;
  final MemoryBudget memory;
  final SpillSpace spill;

  /** See {@link ComputeService#rolledBack}. */
  final LongAdder rolledBack = new LongAdder();

  /** Of statements; see {@link ComputeService#reads}. */
  final ReadTimes reads;

  private final DatabaseDirectory directory;
  private final ShardService shards;
  private final SegmentOpener segments;
  private final RandomGenerator random;
  private final TransactionIds ids;
  private final Map<DatabaseId, Database> databases = new ConcurrentHashMap<>();

  /** A database as this compute serves it. */
  record Database(
      String name, ShardAccess shard, DatabaseSequences sequences, RecentSnapshot recent) {}

  /**
   * @param random thread-safe
   */
  Engine(
      ComputeConfig config,
      DatabaseDirectory directory,
      ShardService shards,
      SegmentOpener segments,
      QueryRunner queries,
      Executor workers,
      TimeSource time,
      RandomGenerator random) {
    this.config = config;
    this.directory = directory;
    this.shards = shards;
    this.segments = segments;
    this.queries = queries;
    this.workers = workers;
    this.time = time;
    this.random = random;
    this.ids = new TransactionIds(random);
    this.reads = new ReadTimes(time::nanoTime);
    this.catalogs = new CatalogReader(config.catalogCacheBytes());
    this.estimates = new TableEstimates(time::nanoTime);
    this.plans = new Plans(config.planCacheBytes());
    this.admission = new Admission(config.maxRunning(), config.admissionWaitMillis());
    this.statements = new RunningStatements(time);
    this.memory = new MemoryBudget("all queries", config.memoryBytes());
    Path spillDirectory = config.spillDirectory();
    this.spill =
        spillDirectory == null
            ? SpillSpace.none()
            : SpillSpace.in(spillDirectory, config.spillBytes());
  }

  /** The database that clients call so; 3D000 if there is none, 57P03 if it is not ready. */
  Database database(String name) {
    DatabaseInfo info = directory.byName(name).orElseThrow(() -> unknown(name));
    if (!info.ready()) {
      throw new SheafException(
              ErrorCode.CANNOT_CONNECT_NOW, "database \"" + info.name() + "\" is starting")
          .withHint("Try again in a moment.");
    }
    return database(info.id(), info.name());
  }

  private SheafException unknown(String name) {
    return name.indexOf(DatabaseDirectory.BACKUP_MARK) >= 0
        ? new SheafException(
                ErrorCode.INVALID_CATALOG_NAME,
                "\"" + name + "\" names a backup, to which nobody connects")
            .withHint("Make a branch of it: ./sheaf branch create DATABASE BRANCH --backup NAME.")
        : new SheafException(
                ErrorCode.INVALID_CATALOG_NAME, "database \"" + name + "\" does not exist")
            .withHint("Databases: " + String.join(", ", databases()));
  }

  /** Names, sorted. */
  List<String> databases() {
    return directory.all().stream().map(DatabaseInfo::name).sorted().toList();
  }

  /** A renamed one keeps what is known of it. */
  private Database database(DatabaseId id, String name) {
    Database database =
        databases.computeIfAbsent(
            id,
            key -> {
              var shard = new ShardAccess(shards, ShardId.root(key), segments);
              return new Database(
                  name,
                  shard,
                  new DatabaseSequences(shard, ids, time::nanoTime),
                  new RecentSnapshot(time::nanoTime));
            });
    return database.name().equals(name)
        ? database
        : new Database(name, database.shard(), database.sequences(), database.recent());
  }

  TransactionIds transactionIds() {
    return ids;
  }

  RandomGenerator random() {
    return random;
  }

  /**
   * @param timeoutMillis 0 = as long as the configuration allows at most
   */
  Deadline deadline(long timeoutMillis) {
    long max = config.maxStatementMillis();
    long millis = timeoutMillis == 0 ? max : Math.min(timeoutMillis, max);
    return Deadline.after(time.nanoTime(), millis);
  }
}
