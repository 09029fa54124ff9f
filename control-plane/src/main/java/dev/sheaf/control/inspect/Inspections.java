package dev.sheaf.control.inspect;

import dev.sheaf.control.registry.BranchRegistry;
import dev.sheaf.control.registry.DatabaseName;
import dev.sheaf.control.registry.DatabaseRecord;
import dev.sheaf.control.registry.DatabaseRegistry;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.shard.ShardInspection;
import dev.sheaf.rpc.shard.ShardInspection.CheckListener;
import dev.sheaf.rpc.shard.ShardInspection.Checked;
import dev.sheaf.rpc.shard.ShardInspection.Leftover;
import dev.sheaf.rpc.shard.ShardInspection.SweepPlan;
import java.util.HashMap;
import java.util.Map;

/** Looks into what databases have stored. Thread-safe. */
public final class Inspections {
  private final DatabaseRegistry registry;
  private final ShardInspection shards;

  /**
   * @param shards wherever they are
   */
  public Inspections(DatabaseRegistry registry, ShardInspection shards) {
    this.registry = registry;
    this.shards = shards;
  }

  /** 3D000 if there is none, 55006 unless it is ready. */
  public DatabaseRecord ready(DatabaseName name) {
    DatabaseRecord database = registry.require(name);
    BranchRegistry.checkReady(database);
    return database;
  }

  /**
   * Reads all that a database has stored; takes as long as that does.
   *
   * @throws SheafException as {@link ShardInspection#check}
   */
  public Checked check(DatabaseRecord database, CheckListener listener, Deadline deadline) {
    return shards.check(database.rootShard(), listener, deadline);
  }

  /**
   * What the next sweep of a database would delete and keep. Branches are named as databases.
   *
   * @throws SheafException as {@link #ready} and {@link ShardInspection#planSweep}
   */
  public SweepPlan planSweep(DatabaseName name, Deadline deadline) {
    SweepPlan plan = shards.planSweep(ready(name).rootShard(), deadline);
    Map<String, String> names = new HashMap<>();
    for (DatabaseRecord each : registry.registered()) {
      names.put(each.rootShard().toString(), each.name().value());
    }
    return new SweepPlan(
        plan.leftovers().stream().map(leftover -> named(leftover, names)).toList(),
        plan.unlisted());
  }

  private static Leftover named(Leftover leftover, Map<String, String> names) {
    String by = leftover.neededBy();
    return by == null
        ? leftover
        : new Leftover(
            leftover.objectKey(),
            leftover.sizeBytes(),
            leftover.fate(),
            leftover.waitMillis(),
            names.getOrDefault(by, by));
  }
}
