package dev.sheaf.server;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.coordination.Coordination.Condition;
import dev.sheaf.coordination.Coordination.Entry;
import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.pageserver.assign.ShardObjectRemoval;
import dev.sheaf.pageserver.branch.BackupStart;
import dev.sheaf.pageserver.grant.Grant;
import dev.sheaf.pageserver.grant.Grants;
import dev.sheaf.pageserver.log.QuorumLogFactory;
import dev.sheaf.pageserver.log.ShardLog;
import dev.sheaf.pageserver.serve.PageServer;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.control.ShardHost;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongSupplier;

/** Opens and drops shards on the page server of this process. Thread-safe. */
final class LocalShardHost implements ShardHost {
  private static final String NODE = "standalone-drop";
  private static final long LEASE_MILLIS = 10_000;

  private final PageServer server;
  private final QuorumLogFactory logs;
  private final Coordination coordination;
  private final ObjectStore stored;
  private final ShardObjectRemoval objects;
  private final LongSupplier nanoClock;

  LocalShardHost(
      PageServer server,
      QuorumLogFactory logs,
      Coordination coordination,
      ObjectStore objects,
      LongSupplier nanoClock) {
    this.server = server;
    this.logs = logs;
    this.coordination = coordination;
    this.stored = objects;
    this.objects = new ShardObjectRemoval(objects, nanoClock);
    this.nanoClock = nanoClock;
  }

  /** The page server opens a shard for the first request. */
  @Override
  public void open(ShardId shard, Deadline deadline) {
    var unused = server.snapshot(shard, deadline);
  }

  @Override
  public void close(ShardId shard, Deadline deadline) {
    server.release(shard, deadline);
  }

  @Override
  public Timestamp now(ShardId shard, Deadline deadline) {
    return server.snapshot(shard, deadline).timestamp();
  }

  @Override
  public void branch(ShardId parent, ShardId child, Timestamp at, Deadline deadline) {
    server.branch(parent, child, at, deadline);
  }

  @Override
  public void beginAs(ShardId backup, ShardId child, Deadline deadline) {
    BackupStart.write(stored, backup, child);
  }

  @Override
  public Checked check(ShardId shard, CheckListener listener, Deadline deadline) {
    return server.check(shard, listener, deadline);
  }

  @Override
  public SweepPlan planSweep(ShardId shard, Deadline deadline) {
    return server.planSweep(shard, deadline);
  }

  /** Facts last: they say that there may be something left to delete. */
  @Override
  public void drop(ShardId shard, Deadline deadline) {
    server.release(shard, deadline);
    forgetLog(shard, deadline);
    objects.deleteAll(shard, deadline);
    deleteFacts(facts(shard), deadline);
  }

  /**
   * Takes the log over in a new term and lets the safekeepers forget every record. A shard without
   * a grant never had a log, or this step is behind it.
   */
  private void forgetLog(ShardId shard, Deadline deadline) {
    if (coordination.list(facts(shard)).isEmpty()) {
      return;
    }
    try (var grants = new Grants(coordination, NODE, LEASE_MILLIS, nanoClock);
        ShardLog log = logs.create(shard)) {
      Grant grant = grants.take(shard);
      log.open(grant.term(), deadline);
      log.forgetBelow(log.endLsn());
      grants.release(grant);
    }
  }

  private static String facts(ShardId shard) {
    return "shards/" + shard + "/";
  }

  /** The grant last: without it nobody could take the log over once more if this is cut short. */
  private void deleteFacts(String prefix, Deadline deadline) {
    Comparator<Entry> grantLast = Comparator.comparing(fact -> fact.key().equals(prefix + "grant"));
    for (Entry fact : coordination.list(prefix).stream().sorted(grantLast).toList()) {
      deadline.check(nanoClock.getAsLong());
      if (!coordination.commit(
          List.of(new Condition(fact.key(), fact.modRevision())),
          List.of(Change.delete(fact.key())))) {
        throw new SheafException(
            ErrorCode.OBJECT_IN_USE, "the shard's entry " + fact.key() + " is being changed");
      }
    }
  }
}
