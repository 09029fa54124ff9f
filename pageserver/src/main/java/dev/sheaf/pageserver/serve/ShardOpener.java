package dev.sheaf.pageserver.serve;

import dev.sheaf.coordination.Coordination.Condition;
import dev.sheaf.pageserver.PageServerConfig;
import dev.sheaf.pageserver.flush.MemtableBudget;
import dev.sheaf.pageserver.grant.Grant;
import dev.sheaf.pageserver.grant.Grants;
import dev.sheaf.pageserver.log.ShardLog;
import dev.sheaf.pageserver.manifest.Manifest;
import dev.sheaf.pageserver.manifest.ManifestStore;
import dev.sheaf.pageserver.manifest.ShardObjects;
import dev.sheaf.pageserver.oracle.WindowedOracle;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.record.ShardRecord;
import dev.sheaf.protocol.record.ShardRecordCodec;
import java.util.List;

/**
 * Takes a shard over, in this order: the grant (a term nobody had), the log (which fences the owner
 * before), the newest manifest, the log's tail, the timestamp window. Thread-safe.
 */
final class ShardOpener {
  /** How long a majority of the safekeepers is waited for at a time. */
  private static final long ELECTION_MILLIS = 10_000;

  private final PageServerPorts ports;
  private final PageServerConfig config;
  private final Grants grants;
  private final MemtableBudget budget;
  private final PageServerShares shares;

  ShardOpener(
      PageServerPorts ports,
      PageServerConfig config,
      Grants grants,
      MemtableBudget budget,
      PageServerShares shares) {
    this.ports = ports;
    this.config = config;
    this.grants = grants;
    this.budget = budget;
    this.shares = shares;
  }

  /**
   * @param required what must hold when the grant is taken
   */
  OwnedShard open(ShardId shard, List<Condition> required, Deadline deadline) {
    Grant grant = grants.take(shard, required);
    ShardLog log = ports.logs().apply(shard);
    MemtableBudget.Account account = budget.account();
    try {
      win(log, grant, sooner(deadline, ELECTION_MILLIS));
      var manifests = new ManifestStore(ports.objects(), new ShardObjects(shard));
      Manifest manifest = manifests.newest(log.startLsn());
      if (grant.term().compareTo(manifest.term()) < 0) {
        throw new SheafException(
                ErrorCode.CANNOT_CONNECT_NOW, "shard " + shard + " has another owner by now")
            .withHint("Try again: it will be routed to the present owner.");
      }
      if (log.endLsn().isBefore(manifest.published())) {
        throw new SheafException(
            ErrorCode.DATA_CORRUPTED,
            "shard "
                + shard
                + " published up to "
                + manifest.published()
                + ", but its log ends at "
                + log.endLsn());
      }
      var state = new ShardState(manifest, manifests.readDeletes(manifest), ports.segments()::open);
      replay(state, log, manifest, deadline);
      account.force(state.tree().active().sizeBytes());
      WindowedOracle oracle =
          WindowedOracle.start(
              ports.coordination(),
              grant,
              state.newestCommit(),
              ports.wallMillis(),
              ports.background());
      var opened =
          new OwnedShard(
              ports, config, grants, grant, log, manifests, manifest, state, oracle, account,
              shares);
      announce(grant, opened);
      ports.warmUps().ifPresent(opened.hotPages()::restore);
      return opened;
    } catch (RuntimeException | Error e) {
      account.close();
      giveUp(grant, log, e);
      throw e;
    }
  }

  private static void win(ShardLog log, Grant grant, Deadline deadline) {
    try {
      log.open(grant.term(), deadline);
    } catch (SheafException e) {
      // To whoever asks for the shard it is no conflict of transactions.
      throw e.code() == ErrorCode.SERIALIZATION_FAILURE
          ? new SheafException(
              ErrorCode.CANNOT_CONNECT_NOW, "shard " + grant.shard() + " has a newer owner", e)
          : e;
    }
  }

  private void announce(Grant grant, OwnedShard opened) {
    try {
      grants.announce(grant);
    } catch (RuntimeException | Error e) {
      opened.halt();
      throw e;
    }
  }

  private Deadline sooner(Deadline deadline, long millis) {
    var other = Deadline.after(ports.nanoClock().getAsLong(), millis);
    return other.nanoTime() - deadline.nanoTime() < 0 ? other : deadline;
  }

  private static void replay(ShardState state, ShardLog log, Manifest manifest, Deadline deadline) {
    log.replay(
        manifest.published(),
        (start, end, payload) -> {
          String source = "shard " + state.shard() + " at " + start;
          ShardRecord record = ShardRecordCodec.decode(source, payload);
          if (!record.timestamp().isAfter(state.newestCommit())) {
            throw new SheafException(
                ErrorCode.DATA_CORRUPTED,
                source
                    + ": a commit at "
                    + record.timestamp()
                    + " follows one at "
                    + state.newestCommit());
          }
          state.replayed(record, end);
        },
        deadline);
    Lsn applied = state.tree().active().appliedTo();
    if (!applied.equals(log.endLsn())) {
      throw new SheafException(
          ErrorCode.DATA_CORRUPTED,
          "shard "
              + state.shard()
              + " could replay its log to "
              + applied
              + ", not to "
              + log.endLsn());
    }
  }

  private void giveUp(Grant grant, ShardLog log, Throwable why) {
    try {
      log.close();
      grants.release(grant);
    } catch (RuntimeException e) {
      why.addSuppressed(e);
    }
  }
}
