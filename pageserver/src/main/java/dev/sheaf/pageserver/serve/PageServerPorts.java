package dev.sheaf.pageserver.serve;

import dev.sheaf.columnar.segment.WarmUps;
import dev.sheaf.coordination.Coordination;
import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.pageserver.log.ShardLog;
import dev.sheaf.pageserver.retain.Retention;
import dev.sheaf.pageserver.segment.SegmentStore;
import dev.sheaf.pageserver.sweep.References;
import dev.sheaf.protocol.ShardId;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * What a page server stands on.
 *
 * @param segments segments of {@code objects}
 * @param logs a shard's log, not opened yet; each is closed by the page server
 * @param exists whether the control plane knows the shard
 * @param node this page server's name, unique among them, without blanks
 * @param wallMillis milliseconds since the epoch
 * @param nanoClock monotonic, the clock of deadlines and leases
 * @param background runs blocking work, each task on a thread of its own
 * @param retention how much history must stay
 * @param references what shards need of one another
 * @param warmUps fetches what a shard's former owner had in memory, and knows what this one has;
 *     empty: shards begin cold, and leave no list of hot pages
 */
public record PageServerPorts(
    Coordination coordination,
    ObjectStore objects,
    SegmentStore segments,
    Function<ShardId, ShardLog> logs,
    Predicate<ShardId> exists,
    String node,
    LongSupplier wallMillis,
    LongSupplier nanoClock,
    Executor background,
    Retention retention,
    References references,
    Optional<WarmUps> warmUps) {

  /** Keeps all history; shards share no objects and begin cold. */
  public PageServerPorts(
      Coordination coordination,
      ObjectStore objects,
      SegmentStore segments,
      Function<ShardId, ShardLog> logs,
      Predicate<ShardId> exists,
      String node,
      LongSupplier wallMillis,
      LongSupplier nanoClock,
      Executor background) {
    this(
        coordination,
        objects,
        segments,
        logs,
        exists,
        node,
        wallMillis,
        nanoClock,
        background,
        Retention.FOREVER,
        References.NONE,
        Optional.empty());
  }
}
