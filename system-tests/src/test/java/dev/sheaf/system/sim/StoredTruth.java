package dev.sheaf.system.sim;

import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.pageserver.manifest.Manifest;
import dev.sheaf.pageserver.manifest.ManifestStore;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.manifest.ShardObjects;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.testkit.sim.SimulationFailure;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What lies in the object store, looked at from outside: what must be there, and what may be. */
final class StoredTruth {
  private static final int EVERYTHING = 1 << 20;

  private final ObjectStore stored;
  private Set<String> seen = Set.of();

  /**
   * @param stored the objects themselves
   */
  StoredTruth(ObjectStore stored) {
    this.stored = stored;
  }

  /**
   * Whatever the newest manifest of each shard names is there.
   *
   * @return objects that are not there any more and were at the last look
   */
  long checkNamed(Collection<ShardId> shards) {
    Set<String> there = everything();
    for (ShardId shard : shards) {
      List<String> named = named(shard);
      for (String key : named) {
        if (!there.contains(key)) {
          throw new SimulationFailure(
              "%s is gone, but %s of %s names it".formatted(key, named.getFirst(), shard));
        }
      }
    }
    long gone = seen.stream().filter(key -> !there.contains(key)).count();
    seen = there;
    return gone;
  }

  /**
   * What these shards wrote that no newest manifest of theirs names, nor is one. Not what others
   * wrote: an upload that arrives once its database was removed is nobody's to delete.
   */
  Set<String> superfluous(Collection<ShardId> shards) {
    List<ShardObjects> writers = shards.stream().map(ShardObjects::new).toList();
    Set<String> there = everything();
    there.removeIf(key -> writers.stream().noneMatch(writer -> writer.owns(key)));
    shards.forEach(shard -> named(shard).forEach(there::remove));
    return there;
  }

  private Set<String> everything() {
    return new TreeSet<>(stored.list("db/", "", EVERYTHING));
  }

  /** The newest manifest and what it names; nothing if there is none yet. */
  private List<String> named(ShardId shard) {
    var manifests = new ManifestStore(stored, new ShardObjects(shard));
    List<String> keys = manifests.keys();
    if (keys.isEmpty()) {
      return List.of();
    }
    Manifest newest = manifests.read(keys.getLast());
    var named = new ArrayList<>(List.of(keys.getLast()));
    newest.segments().stream().map(SegmentMeta::objectKey).forEach(named::add);
    named.addAll(newest.deletes());
    return named;
  }
}
