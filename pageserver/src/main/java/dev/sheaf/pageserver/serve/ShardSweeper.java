package dev.sheaf.pageserver.serve;

import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.pageserver.grant.Grant;
import dev.sheaf.pageserver.grant.Grants;
import dev.sheaf.pageserver.manifest.Manifest;
import dev.sheaf.pageserver.manifest.ManifestStore;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.manifest.ShardObjects;
import dev.sheaf.pageserver.sweep.Garbage;
import dev.sheaf.pageserver.sweep.References;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Deletes objects of a shard that nobody needs: segments that were compacted, delete vectors that
 * were consolidated, manifests that were followed by others, uploads that came to nothing.
 *
 * <p>An object goes when, for the grace period and as long as any view is open that is older,
 * neither the present picture named it nor a manifest that is still there, no commit in flight, and
 * no other shard; and after coordination has confirmed the grant. Only an owner that has published
 * a manifest deletes: whoever comes later begins at that one or a newer one, so whatever an earlier
 * owner may still write is of no account. Of the own term only what no work goes on with is looked
 * at, of later terms nothing. Thread-safe.
 */
final class ShardSweeper {
  private static final System.Logger LOG = System.getLogger(ShardSweeper.class.getName());
  private static final int LIST_PAGE = 1000;

  /** In a grace period: each reads the manifests that are there. */
  private static final int ROUNDS = 8;

  private static final long LISTING_NANOS = TimeUnit.HOURS.toNanos(24);

  private final ShardState state;
  private final ShardPublisher publisher;
  private final Grant grant;
  private final Grants grants;
  private final ManifestStore manifests;
  private final ObjectStore objects;
  private final ShardObjects keys;
  private final ObjectNames names;
  private final References references;
  private final OpenViews views;
  private final Garbage garbage;
  private final StoreTotals totals;
  private final long graceNanos;
  private final LongSupplier nanoClock;

  /** Held over one sweep; guards what follows. */
  private final ReentrantLock sweeping = new ReentrantLock();

  private boolean listed;
  private long listedNanos;
  private long listedSequence;
  private boolean swept;
  private long sweptNanos;

  ShardSweeper(
      ShardState state,
      ShardPublisher publisher,
      Grant grant,
      Grants grants,
      ManifestStore manifests,
      ObjectNames names,
      OpenViews views,
      Garbage garbage,
      StoreTotals totals,
      PageServerPorts ports,
      long graceMillis) {
    this.state = state;
    this.publisher = publisher;
    this.grant = grant;
    this.grants = grants;
    this.manifests = manifests;
    this.objects = ports.objects();
    this.keys = new ShardObjects(grant.shard());
    this.names = names;
    this.references = ports.references();
    this.views = views;
    this.garbage = garbage;
    this.totals = totals;
    this.graceNanos = TimeUnit.MILLISECONDS.toNanos(graceMillis);
    this.nanoClock = ports.nanoClock();
  }

  /** Objects that wait for the end of their grace period. */
  int waiting() {
    return garbage.size();
  }

  /**
   * One look. Costs no request if there is nothing to do: no listing is due, which there is once
   * after the first manifest and then daily while manifests are published, and no object's time has
   * come.
   *
   * @return deleted objects
   */
  List<String> sweep() {
    sweeping.lock();
    try {
      if (!mayDelete()) {
        return List.of();
      }
      if (isListingDue()) {
        listedSequence = publisher.sequence();
        garbage.note(unnamed(), nanoClock.getAsLong());
        listed = true;
        listedNanos = nanoClock.getAsLong();
      }
      long now = nanoClock.getAsLong();
      List<String> due = garbage.notedBy(views.oldest(now - graceNanos));
      if (due.isEmpty() || (swept && now - sweptNanos < graceNanos / ROUNDS)) {
        return List.of();
      }
      swept = true;
      sweptNanos = now;
      return delete(due);
    } finally {
      sweeping.unlock();
    }
  }

  /** What would go once the grace period is over. Lists all objects, deletes none. */
  List<String> dryRun() {
    if (!mayDelete()) {
      return List.of();
    }
    List<String> unnamed = unnamed();
    return unneeded(unnamed, Set.copyOf(unnamed));
  }

  private boolean mayDelete() {
    return publisher.newestKey().isPresent() && !state.isStopped();
  }

  private boolean isListingDue() {
    long age = nanoClock.getAsLong() - listedNanos;
    return !listed || (age >= LISTING_NANOS && listedSequence != publisher.sequence());
  }

  /** All objects of the shard, but those that the present picture names. */
  private List<String> unnamed() {
    Set<String> named = state.namedObjects();
    var found = new ArrayList<String>();
    String after = "";
    while (true) {
      List<String> page = objects.list(keys.folder(), after, LIST_PAGE);
      page.stream().filter(key -> !named.contains(key) && isOld(key)).forEach(found::add);
      if (page.size() < LIST_PAGE) {
        return found;
      }
      after = page.getLast();
    }
  }

  /** Whether nobody is at work on it, nor any later owner's. */
  private boolean isOld(String key) {
    if (key.startsWith(keys.manifests())) {
      return publisher.newestKey().filter(newest -> key.compareTo(newest) < 0).isPresent();
    }
    if (!keys.isData(key)) {
      return false;
    }
    Term term = ShardObjects.termOf(key);
    int order = term.compareTo(grant.term());
    return order < 0 || (order == 0 && ShardObjects.sequenceOf(key) <= names.settled());
  }

  private List<String> delete(List<String> due) {
    garbage.forget(due.stream().filter(key -> !keys.owns(key)).toList());
    List<String> old = due.stream().filter(this::isOld).toList();
    if (old.isEmpty()) {
      return List.of();
    }
    List<String> chosen = unneeded(old, Set.copyOf(old));
    // What is needed after all is found again by a listing once it is not.
    garbage.forget(old.stream().filter(key -> !chosen.contains(key)).toList());
    if (chosen.isEmpty() || !mayDelete() || !grants.confirm(grant)) {
      return List.of();
    }
    var deleted = new ArrayList<String>();
    try {
      for (String key : chosen) {
        objects.delete(key);
        deleted.add(key);
      }
    } catch (SheafException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "superfluous objects of " + state.shard() + " stay for now: " + e.message());
    } finally {
      garbage.forget(deleted);
      totals.swept(deleted.size());
    }
    return deleted;
  }

  /** One that cannot be read now may be read by the next owner: nothing is deleted then. */
  private Set<String> namedBy(String manifestKey) {
    Manifest manifest = manifests.read(manifestKey);
    var named = new HashSet<>(manifest.deletes());
    manifest.segments().stream().map(SegmentMeta::objectKey).forEach(named::add);
    return named;
  }

  /**
   * Those of the keys that nothing needs, manifests first.
   *
   * @param going manifests among these need nothing any more
   */
  private List<String> unneeded(List<String> from, Set<String> going) {
    var needed = new HashSet<>(state.namedObjects());
    for (String key : manifests.keys()) {
      if (!going.contains(key)) {
        needed.addAll(namedBy(key));
      }
    }
    List<String> left = from.stream().filter(key -> !needed.contains(key)).toList();
    if (!left.isEmpty()) {
      needed.addAll(references.needed(state.shard(), left));
    }
    var ordered = new ArrayList<String>();
    left.stream().filter(key -> key.startsWith(keys.manifests())).forEach(ordered::add);
    left.stream().filter(key -> !key.startsWith(keys.manifests())).forEach(ordered::add);
    ordered.removeAll(needed);
    return ordered;
  }
}
