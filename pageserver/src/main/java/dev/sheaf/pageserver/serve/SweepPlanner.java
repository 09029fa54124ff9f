package dev.sheaf.pageserver.serve;

import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.pageserver.manifest.ShardObjects;
import dev.sheaf.pageserver.sweep.Garbage;
import dev.sheaf.pageserver.sweep.References;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.rpc.shard.ShardInspection.Fate;
import dev.sheaf.rpc.shard.ShardInspection.Leftover;
import dev.sheaf.rpc.shard.ShardInspection.SweepPlan;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells what {@link ShardSweeper} would do now, and why not more. By the same rules, and without
 * changing anything: what it finds is not noted as garbage. Thread-safe.
 */
final class SweepPlanner {
  private final ShardState state;
  private final ShardPublisher publisher;
  private final StoredObjects stored;
  private final ObjectStore objects;
  private final References references;
  private final OpenViews views;
  private final Garbage garbage;
  private final long graceNanos;
  private final LongSupplier nanoClock;

  SweepPlanner(
      ShardState state,
      ShardPublisher publisher,
      StoredObjects stored,
      OpenViews views,
      Garbage garbage,
      PageServerPorts ports,
      long graceMillis) {
    this.state = state;
    this.publisher = publisher;
    this.stored = stored;
    this.objects = ports.objects();
    this.references = ports.references();
    this.views = views;
    this.garbage = garbage;
    this.graceNanos = TimeUnit.MILLISECONDS.toNanos(graceMillis);
    this.nanoClock = ports.nanoClock();
  }

  /** Lists all objects, and asks for the size of those that the answer names. */
  SweepPlan plan() {
    List<String> all = stored.list(key -> true);
    // Asked afterwards: what was published while the list was made is named by now.
    Set<String> named = state.namedObjects();
    String newest = stored.newestManifest().orElse("");
    String hotPages = new ShardObjects(state.shard()).hotPages();
    List<String> unnamed =
        all.stream()
            .filter(key -> !named.contains(key) && !key.equals(newest) && !key.equals(hotPages))
            .toList();
    var fates = new TreeMap<String, Leftover>();
    if (publisher.newestKey().isEmpty()) {
      unnamed.forEach(key -> fates.put(key, leftover(key, Fate.NEW_OWNER)));
    } else {
      unnamed.forEach(key -> fates.put(key, leftover(key, Fate.IN_FLIGHT)));
      decide(unnamed.stream().filter(stored::isOld).toList(), fates);
    }
    List<Leftover> listed =
        fates.values().stream().limit(SweepPlan.MOST_LEFTOVERS).map(this::sized).toList();
    return new SweepPlan(listed, fates.size() - (long) listed.size());
  }

  private void decide(List<String> old, Map<String, Leftover> fates) {
    if (old.isEmpty()) {
      return;
    }
    long now = nanoClock.getAsLong();
    var due = new HashSet<>(garbage.notedBy(views.oldest(now - graceNanos)));
    due.retainAll(Set.copyOf(old));
    Map<String, String> byManifest = stored.namedByManifests(due);
    Map<String, ShardId> byBranch = references.needed(state.shard(), old);
    for (String key : old) {
      String manifest = byManifest.get(key);
      ShardId branch = byBranch.get(key);
      if (branch != null) {
        fates.put(key, leftover(key, Fate.BRANCH, 0, branch.toString()));
      } else if (manifest != null) {
        fates.put(key, leftover(key, Fate.MANIFEST, 0, manifest));
      } else {
        fates.put(key, due.contains(key) ? leftover(key, Fate.DELETED) : waiting(key, now));
      }
    }
  }

  private Leftover waiting(String key, long now) {
    OptionalLong noted = garbage.notedAt(key);
    long left = graceNanos - (now - noted.orElse(now));
    return noted.isPresent() && left <= 0
        ? leftover(key, Fate.VIEW)
        : leftover(key, Fate.GRACE, TimeUnit.NANOSECONDS.toMillis(left), null);
  }

  private static Leftover leftover(String key, Fate fate) {
    return leftover(key, fate, 0, null);
  }

  private static Leftover leftover(
      String key, Fate fate, long waitMillis, @Nullable String neededBy) {
    return new Leftover(key, 0, fate, waitMillis, neededBy);
  }

  private Leftover sized(Leftover each) {
    return new Leftover(
        each.objectKey(),
        objects.size(each.objectKey()).orElse(0L),
        each.fate(),
        each.waitMillis(),
        each.neededBy());
  }
}
