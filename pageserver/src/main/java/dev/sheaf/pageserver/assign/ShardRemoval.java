package dev.sheaf.pageserver.assign;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.coordination.Coordination.Condition;
import dev.sheaf.coordination.Coordination.Entry;
import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.pageserver.grant.Grant;
import dev.sheaf.pageserver.grant.Grants;
import dev.sheaf.pageserver.log.ShardLog;
import dev.sheaf.pageserver.oracle.WindowedOracle;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.cluster.ShardKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Deletes everything that is stored of a shard: its log, its objects, and at last its facts, which
 * say that there may be something left to delete. Idempotent. Thread-safe, for different shards.
 */
public final class ShardRemoval {
  private final Coordination coordination;
  private final ShardObjectRemoval objects;
  private final Function<ShardId, ShardLog> logs;
  private final Grants grants;

  /**
   * @param logs a shard's log, not opened yet
   * @param grants of this node
   */
  public ShardRemoval(
      Coordination coordination,
      ObjectStore objects,
      Function<ShardId, ShardLog> logs,
      Grants grants,
      LongSupplier nanoClock) {
    this.coordination = coordination;
    this.objects = new ShardObjectRemoval(objects, nanoClock);
    this.logs = logs;
    this.grants = grants;
  }

  /**
   * Removes the shard, which must not be open here.
   *
   * @param required what must hold for this node to be the one that removes it
   * @throws SheafException 57P03 somebody else has it, or the log's quorum cannot be reached
   */
  public void remove(ShardId shard, List<Condition> required, Deadline deadline) {
    Grant grant = grants.take(shard, required);
    boolean gone = false;
    try {
      forgetLog(shard, grant, deadline);
      objects.deleteAll(shard, deadline);
      gone = deleteFacts(grant);
    } finally {
      if (!gone) {
        grants.release(grant);
      }
    }
    if (!gone) {
      throw new SheafException(
          ErrorCode.OBJECT_IN_USE, "the facts of shard " + shard + " are being changed");
    }
  }

  /**
   * Takes the log over in a new term and lets the safekeepers forget every record. A log of which
   * nobody knows the members was never begun, or an earlier attempt has deleted the facts and did
   * not hear of it: it must not be begun anew, since safekeepers that remember later members refuse
   * the first ones.
   */
  private void forgetLog(ShardId shard, Grant grant, Deadline deadline) {
    if (coordination.get(ShardKeys.safekeepers(shard)).isEmpty()) {
      return;
    }
    try (ShardLog log = logs.apply(shard)) {
      log.open(grant.term(), deadline);
      log.forgetBelow(log.endLsn());
    }
  }

  /** All at once: of a shard there is either everything known or nothing. */
  private boolean deleteFacts(Grant grant) {
    ShardId shard = grant.shard();
    var conditions = new ArrayList<>(List.of(grant.stillHeld()));
    var changes = new ArrayList<Change>();
    for (Entry fact : coordination.list(ShardKeys.prefix(shard))) {
      if (!fact.key().equals(ShardKeys.grant(shard))) {
        conditions.add(new Condition(fact.key(), fact.modRevision()));
      }
      changes.add(Change.delete(fact.key()));
    }
    if (shard.number() == 0) {
      changes.add(Change.delete(WindowedOracle.windowKey(shard.database())));
    }
    return coordination.commit(conditions, changes);
  }
}
