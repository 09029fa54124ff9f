package dev.sheaf.server;

import dev.sheaf.control.registry.BranchRegistry;
import dev.sheaf.control.registry.DatabaseRecord;
import dev.sheaf.control.registry.DatabaseRegistry;
import dev.sheaf.control.registry.DatabaseState;
import dev.sheaf.control.registry.Origin;
import dev.sheaf.pageserver.branch.BranchReferences.Branch;
import dev.sheaf.pageserver.manifest.ReadableTimes;
import dev.sheaf.pageserver.retain.Retention;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * What the registry of databases says of their past: the window of each, and the branch points that
 * a branch is being made of. Of a database that is not known (yet) everything stays. Thread-safe.
 */
final class DatabaseHistory implements Retention {
  /** Transactions that have begun read their snapshots whatever the window is. */
  private static final Duration LEAST = Duration.ofMinutes(1);

  private final DatabaseRegistry registry;
  private final BranchRegistry branches;
  private final LongSupplier wallMillis;
  private final Duration window;

  /** Replaced as a whole. */
  private volatile Map<DatabaseId, Kept> kept = Map.of();

  /**
   * @param points ascending
   */
  private record Kept(long windowMillis, List<Timestamp> points) {}

  /**
   * @param wallMillis milliseconds since the epoch
   * @param window of databases that have none of their own
   */
  DatabaseHistory(DatabaseRegistry registry, LongSupplier wallMillis, Duration window) {
    this.registry = registry;
    this.branches = new BranchRegistry(registry);
    this.wallMillis = wallMillis;
    this.window = window;
    registry.onChange(this::refresh);
    refresh();
  }

  private synchronized void refresh() {
    List<DatabaseRecord> databases = registry.registered();
    var points = new HashMap<DatabaseId, List<Timestamp>>();
    for (DatabaseRecord each : databases) {
      if (each.origin().isPresent() && each.state() == DatabaseState.BRANCHING) {
        Origin origin = each.origin().get();
        if (origin.backup().isPresent()) {
          // It asks the backup, not the parent.
          continue;
        }
        points.computeIfAbsent(origin.parent(), id -> new ArrayList<>()).add(origin.at());
      }
    }
    var next = new HashMap<DatabaseId, Kept>();
    for (DatabaseRecord each : databases) {
      long millis = Math.max(each.window().orElse(window).toMillis(), LEAST.toMillis());
      List<Timestamp> own = points.getOrDefault(each.id(), List.of());
      next.put(each.id(), new Kept(millis, own.stream().sorted().distinct().toList()));
    }
    kept = Map.copyOf(next);
  }

  @Override
  public ReadableTimes of(ShardId shard) {
    Kept known = kept.get(shard.database());
    if (known == null) {
      return ReadableTimes.EVERYTHING;
    }
    long from = Math.max(0, wallMillis.getAsLong() - known.windowMillis());
    return new ReadableTimes(Timestamp.ofMillis(from), known.points());
  }

  /**
   * The branches and backups of a shard's database, and those of its branches, as the registry's
   * store has them now.
   */
  List<Branch> branches(ShardId shard) {
    return branches.families().descendants(shard.database()).stream()
        .map(each -> new Branch(each.rootShard(), each.state() != DatabaseState.BRANCHING))
        .toList();
  }
}
