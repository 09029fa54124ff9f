package dev.sheaf.pageserver.assign;

import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.pageserver.manifest.ShardObjects;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Deletes every object that a shard wrote; never one that it shares and another shard wrote. What
 * it wrote must not be needed by a branch: a database with branches is not deleted. Thread-safe.
 */
public final class ShardObjectRemoval {
  private static final int LIST_LIMIT = 1_000;

  private final ObjectStore objects;
  private final LongSupplier nanoClock;

  public ShardObjectRemoval(ObjectStore objects, LongSupplier nanoClock) {
    this.objects = objects;
    this.nanoClock = nanoClock;
  }

  /** Idempotent; 57014 at the deadline. */
  public void deleteAll(ShardId shard, Deadline deadline) {
    String prefix = new ShardObjects(shard).folder();
    List<String> keys = objects.list(prefix, "", LIST_LIMIT);
    while (!keys.isEmpty()) {
      for (String key : keys) {
        deadline.check(nanoClock.getAsLong());
        objects.delete(key);
      }
      keys = objects.list(prefix, keys.getLast(), LIST_LIMIT);
    }
  }
}
