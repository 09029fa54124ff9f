package dev.sheaf.compute.session;

import dev.sheaf.compute.spill.SpillSpace;
import dev.sheaf.compute.storage.ReadTimes;
import dev.sheaf.compute.storage.SegmentOpener;
import dev.sheaf.compute.transaction.QueryRunner;
import dev.sheaf.compute.transaction.TimeSource;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.control.DatabaseDirectory;
import dev.sheaf.rpc.shard.ShardService;
import dev.sheaf.rpc.sql.SqlService;
import dev.sheaf.rpc.sql.SqlSession;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/** The SQL of one compute: opens sessions on the databases of a directory. Thread-safe. */
public final class ComputeService implements SqlService, AutoCloseable {
  private final Engine engine;
  private final Set<ComputeSession> sessions = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * @param segments opens segments through the process's cache
   * @param queries runs plans that read
   * @param workers CPU pool of the queries
   * @param random thread-safe; feeds ids, RANDOM and pauses
   */
  public ComputeService(
      ComputeConfig config,
      DatabaseDirectory directory,
      ShardService shards,
      SegmentOpener segments,
      QueryRunner queries,
      Executor workers,
      TimeSource time,
      RandomGenerator random) {
    this.engine = new Engine(config, directory, shards, segments, queries, workers, time, random);
  }

  @Override
  public SqlSession openSession(SessionParameters parameters, Deadline deadline) {
    if (closed) {
      throw new SheafException(ErrorCode.ADMIN_SHUTDOWN, "the compute is shutting down");
    }
    Engine.Database database = engine.database(parameters.database());
    if (sessions.size() >= engine.config.maxSessions()) {
      throw new SheafException(
          ErrorCode.TOO_MANY_CONNECTIONS,
          "too many sessions: the limit is " + engine.config.maxSessions());
    }
    ComputeSession[] self = new ComputeSession[1];
    self[0] = new ComputeSession(engine, database, parameters, () -> sessions.remove(self[0]));
    sessions.add(self[0]);
    return self[0];
  }

  @Override
  public List<String> databases() {
    return engine.databases();
  }

  /**
   * Rolls back transactions that are idle for too long and closes results past their deadline. To
   * be called about once a second.
   */
  public void expire() {
    sessions.forEach(ComputeSession::expire);
  }

  /**
   * Transactions opened by BEGIN or a handle that have ended without a commit being tried: by
   * ROLLBACK, by COMMIT after an error, by idling or with their session. For metrics.
   */
  public long rolledBack() {
    return engine.rolledBack.sum();
  }

  /** How long statements read. For metrics. */
  public ReadTimes reads() {
    return engine.reads;
  }

  /** Rows of running queries on disk. For metrics. */
  public SpillSpace spill() {
    return engine.spill;
  }

  /** Closes all sessions: their open transactions are rolled back. */
  @Override
  public void close() {
    closed = true;
    sessions.forEach(ComputeSession::close);
  }
}
