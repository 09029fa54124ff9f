package dev.sheaf.pageserver.branch;

import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.pageserver.manifest.Manifest;
import dev.sheaf.pageserver.manifest.ManifestStore;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.manifest.ShardObjects;
import dev.sheaf.pageserver.sweep.References;
import dev.sheaf.protocol.ShardId;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Which objects of a shard its branches read, and their branches: what the manifests of all of them
 * name that are still there. Older ones count, because readers of a branch may still be at what its
 * newest one does not name any more; the branch's own owner deletes them once that is over. A
 * branch that may still get its first manifest may name anything. Thread-safe.
 *
 * <p>The registry is asked again once the manifests were read: a branch of a branch that appeared
 * meanwhile may have begun with what the one in between has let go of since. One that appears later
 * chooses among what is named by then.
 */
public final class BranchReferences implements References {
  private final ObjectStore objects;
  private final Function<ShardId, List<Branch>> branches;

  /**
   * @param hasBegun whether its first manifest has been written
   */
  public record Branch(ShardId shard, boolean hasBegun) {}

  /**
   * @param branches of a shard and of those, as the registry itself has them now, not a copy
   */
  public BranchReferences(ObjectStore objects, Function<ShardId, List<Branch>> branches) {
    this.objects = objects;
    this.branches = branches;
  }

  @Override
  public Map<String, ShardId> needed(ShardId shard, Collection<String> objectKeys) {
    List<Branch> known = branches.apply(shard);
    var needed = new HashMap<String, ShardId>();
    for (Branch branch : known) {
      var manifests = new ManifestStore(objects, new ShardObjects(branch.shard()));
      List<String> keys = branch.hasBegun() ? manifests.keys() : List.of();
      if (keys.isEmpty()) {
        return all(objectKeys, branch);
      }
      for (String key : keys) {
        Manifest manifest = manifests.read(key);
        for (SegmentMeta segment : manifest.segments()) {
          needed.putIfAbsent(segment.objectKey(), branch.shard());
        }
        manifest.deletes().forEach(deletes -> needed.putIfAbsent(deletes, branch.shard()));
      }
    }
    if (!known.isEmpty()) {
      for (Branch now : branches.apply(shard)) {
        if (!known.contains(now)) {
          return all(objectKeys, now);
        }
      }
    }
    needed.keySet().retainAll(Set.copyOf(objectKeys));
    return needed;
  }

  private static Map<String, ShardId> all(Collection<String> objectKeys, Branch mayNeed) {
    var needed = new HashMap<String, ShardId>();
    objectKeys.forEach(key -> needed.put(key, mayNeed.shard()));
    return needed;
  }
}
