package dev.sheaf.pageserver.serve;

import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.pageserver.grant.Grant;
import dev.sheaf.pageserver.grant.Grants;
import dev.sheaf.pageserver.manifest.ShardObjects;
import dev.sheaf.pageserver.sweep.Garbage;
import dev.sheaf.pageserver.sweep.References;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayList;
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

  /** In a grace period: each reads the manifests that are there. */
  private static final int ROUNDS = 8;

  /** Earlier than anything that was noted. */
  private static final long BEFORE_ALL_NANOS = TimeUnit.DAYS.toNanos(10_000);

  private static final long LISTING_NANOS = TimeUnit.HOURS.toNanos(24);

  private final ShardState state;
  private final ShardPublisher publisher;
  private final Grant grant;
  private final Grants grants;
  private final StoredObjects stored;
  private final ObjectStore objects;
  private final ShardObjects keys;
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

  /** Whether something was forgotten that goes once a branch does not need it any more. */
  private boolean keptForOthers;

  private boolean swept;
  private long sweptNanos;

  ShardSweeper(
      ShardState state,
      ShardPublisher publisher,
      Grant grant,
      Grants grants,
      StoredObjects stored,
      OpenViews views,
      Garbage garbage,
      StoreTotals totals,
      PageServerPorts ports,
      long graceMillis) {
    this.state = state;
    this.publisher = publisher;
    this.grant = grant;
    this.grants = grants;
    this.stored = stored;
    this.objects = ports.objects();
    this.keys = new ShardObjects(grant.shard());
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
   * after the first manifest and then daily while manifests are published or branches keep
   * something, and no object's time has come.
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
        keptForOthers = false;
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

  /**
   * Keeps all objects that are there, named by old manifests or by nothing, until it is closed.
   *
   * @throws SheafException 57P03 a sweep is still at work at the deadline
   */
  OpenViews.Pin hold(Deadline deadline) {
    try {
      long left = deadline.remainingNanos(nanoClock.getAsLong());
      if (!sweeping.tryLock(left, TimeUnit.NANOSECONDS)) {
        throw new SheafException(
            ErrorCode.CANNOT_CONNECT_NOW, "shard " + state.shard() + " is being swept");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SheafException(ErrorCode.QUERY_CANCELED, "interrupted while a sweep goes on", e);
    }
    try {
      return views.pin(nanoClock.getAsLong() - BEFORE_ALL_NANOS);
    } finally {
      sweeping.unlock();
    }
  }

  private boolean mayDelete() {
    return publisher.newestKey().isPresent() && !state.isStopped();
  }

  private boolean isListingDue() {
    long age = nanoClock.getAsLong() - listedNanos;
    boolean mayFindMore = keptForOthers || listedSequence != publisher.sequence();
    return !listed || (age >= LISTING_NANOS && mayFindMore);
  }

  /** All objects of the shard that can be judged, but those that the present picture names. */
  private List<String> unnamed() {
    Set<String> named = state.namedObjects();
    return stored.list(key -> !named.contains(key) && stored.isOld(key));
  }

  private List<String> delete(List<String> due) {
    garbage.forget(due.stream().filter(key -> !keys.owns(key)).toList());
    List<String> old = due.stream().filter(stored::isOld).toList();
    if (old.isEmpty()) {
      return List.of();
    }
    Verdict verdict = judge(old, Set.copyOf(old));
    List<String> chosen = verdict.unneeded();
    // What is needed after all is found again by a listing once it is not.
    garbage.forget(old.stream().filter(key -> !chosen.contains(key)).toList());
    // The manifest that names these goes in its turn, and after it so do they.
    garbage.note(verdict.namedByOlder(), nanoClock.getAsLong());
    keptForOthers |= verdict.neededByOthers();
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

  /**
   * What became of keys that looked unneeded.
   *
   * @param unneeded manifests first
   * @param namedByOlder only manifests name these that are not the newest
   * @param neededByOthers whether another shard needs some
   */
  private record Verdict(
      List<String> unneeded, List<String> namedByOlder, boolean neededByOthers) {}

  /**
   * @param going manifests among these need nothing any more
   */
  private Verdict judge(List<String> from, Set<String> going) {
    Set<String> present = state.namedObjects();
    Set<String> named = stored.namedByManifests(going).keySet();
    var unneeded = new ArrayList<String>();
    from.stream().filter(key -> key.startsWith(keys.manifests())).forEach(unneeded::add);
    from.stream().filter(key -> !key.startsWith(keys.manifests())).forEach(unneeded::add);
    unneeded.removeIf(present::contains);
    List<String> namedByOlder = unneeded.stream().filter(named::contains).toList();
    unneeded.removeIf(named::contains);
    boolean neededByOthers =
        !unneeded.isEmpty()
            && unneeded.removeAll(references.needed(state.shard(), unneeded).keySet());
    return new Verdict(unneeded, namedByOlder, neededByOthers);
  }
}
