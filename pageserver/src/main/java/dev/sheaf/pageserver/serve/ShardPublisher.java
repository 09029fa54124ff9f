package dev.sheaf.pageserver.serve;

import dev.sheaf.pageserver.grant.Grant;
import dev.sheaf.pageserver.grant.Grants;
import dev.sheaf.pageserver.log.ShardLog;
import dev.sheaf.pageserver.manifest.DeleteVector;
import dev.sheaf.pageserver.manifest.Manifest;
import dev.sheaf.pageserver.manifest.ManifestStore;
import dev.sheaf.pageserver.manifest.ReadableTimes;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.manifest.ShardObjects;
import dev.sheaf.pageserver.sweep.Garbage;
import dev.sheaf.pageserver.tree.LiveSegment;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Publishes a shard's manifests, one at a time: of flushes and of compactions. Data first, then the
 * manifest that names it, then the picture that is read, then what has become superfluous goes.
 * Thread-safe.
 */
final class ShardPublisher {
  private static final System.Logger LOG = System.getLogger(ShardPublisher.class.getName());
  private static final int MAX_DELETE_OBJECTS = 16;

  private final ShardState state;
  private final Grant grant;
  private final Grants grants;
  private final ShardLog log;
  private final ManifestStore manifests;
  private final ObjectNames names;
  private final Garbage garbage;
  private final StoreTotals totals;
  private final LongSupplier nanoClock;

  /** Held from the look at the present segments to the picture with the new ones. */
  private final ReentrantLock publishing = new ReentrantLock();

  /** By the one who holds it; read by others. */
  private volatile long sequence;

  private volatile @Nullable String newestKey;

  private volatile Lsn published;
  private volatile Timestamp newestCommit;

  ShardPublisher(
      ShardState state,
      Grant grant,
      Grants grants,
      ShardLog log,
      ManifestStore manifests,
      ObjectNames names,
      Manifest newest,
      Garbage garbage,
      StoreTotals totals,
      LongSupplier nanoClock) {
    this.state = state;
    this.grant = grant;
    this.grants = grants;
    this.log = log;
    this.manifests = manifests;
    this.names = names;
    this.garbage = garbage;
    this.totals = totals;
    this.nanoClock = nanoClock;
    this.published = newest.published();
    this.newestCommit = newest.newestCommit();
  }

  /**
   * What the next manifest says other than the present one.
   *
   * @param published everything below lies in segments then
   * @param newestCommit below {@code published}
   * @param removed object keys of segments that others take the place of
   * @param added uploaded segments with their delete vectors
   * @param superseded by number of a segment that stays: row to timestamp
   * @param readable recorded before reads can meet what is missing
   * @param whenDurable makes the change visible, given the delete vector objects from now on
   */
  record Change(
      Lsn published,
      Timestamp newestCommit,
      Set<String> removed,
      Map<SegmentMeta, DeleteVector> added,
      Map<Integer, Map<Integer, Long>> superseded,
      ReadableTimes readable,
      Consumer<List<String>> whenDurable) {}

  /** Runs while nobody else publishes; what {@link #publish} is called in. */
  <T extends @Nullable Object> T alone(Supplier<T> action) {
    publishing.lock();
    try (ObjectNames.Work unused = names.begin()) {
      return action.get();
    } finally {
      publishing.unlock();
    }
  }

  /** Position below which everything lies in segments. */
  Lsn published() {
    return published;
  }

  /** Greatest commit timestamp below {@link #published}. */
  Timestamp newestCommit() {
    return newestCommit;
  }

  /** Manifests of this owner so far, failed attempts included. */
  long sequence() {
    return sequence;
  }

  /** Key of the newest manifest that this owner has published; empty before the first. */
  Optional<String> newestKey() {
    return Optional.ofNullable(newestKey);
  }

  void checkOwner() {
    grant.checkHeld();
    if (state.isStopped() || !log.isLeader()) {
      throw new SheafException(
          ErrorCode.CANNOT_CONNECT_NOW, "shard " + state.shard() + " has another owner");
    }
  }

  /**
   * Within {@link #alone}. When it fails, the change is not visible here; a successor may see it.
   */
  @SuppressWarnings("NonAtomicOperationOnVolatileField")
  void publish(Change change) {
    checkOwner();
    List<String> deletes = writeDeletes(change);
    ShardState.Memory memory = state.remember();
    var segments = new ArrayList<SegmentMeta>();
    for (LiveSegment segment : state.tree().segments()) {
      if (!change.removed().contains(segment.meta().objectKey())) {
        segments.add(segment.meta());
      }
    }
    segments.addAll(change.added().keySet());
    // A number is never used twice: an attempt that failed may have left its object all the same.
    sequence++;
    manifests.publish(
        new Manifest(
            state.shard(),
            grant.term(),
            sequence,
            change.published(),
            change.newestCommit(),
            segments,
            deletes,
            memory.catalog(),
            memory.outcomes(),
            memory.ancestors(),
            change.readable()));
    published = change.published();
    newestCommit = change.newestCommit();
    change.whenDurable().accept(deletes);
    noteGarbage(change, memory.deletes(), deletes);
    if (change.removed().isEmpty()) {
      totals.flushed(change.added().keySet().stream().mapToLong(SegmentMeta::sizeBytes).sum());
    }
    dropSuperfluous();
  }

  /**
   * What the new manifest, unlike the one before, does not name; and that one. Noted once the new
   * picture is there: a view that began before may be of the old one, and must count as older.
   */
  private void noteGarbage(Change change, List<String> before, List<String> deletes) {
    var unnamed = new ArrayList<>(change.removed());
    before.stream().filter(key -> !deletes.contains(key)).forEach(unnamed::add);
    newestKey().ifPresent(unnamed::add);
    newestKey = new ShardObjects(state.shard()).manifest(grant.term(), sequence);
    garbage.note(unnamed, nanoClock.getAsLong());
  }

  /** The delete vector objects of the next manifest, with what the change adds. */
  private List<String> writeDeletes(Change change) {
    List<String> present = state.remember().deletes();
    var added = new HashMap<String, DeleteVector>();
    change
        .added()
        .forEach((meta, vector) -> {
          if (vector.size() > 0) {
            added.put(meta.objectKey(), vector);
          }
        });
    boolean consolidate = present.size() >= MAX_DELETE_OBJECTS;
    for (LiveSegment segment : state.tree().segments()) {
      if (change.removed().contains(segment.meta().objectKey())) {
        continue;
      }
      Map<Integer, Long> rows =
          change.superseded().getOrDefault(segment.segment().number(), Map.of());
      DeleteVector before = consolidate ? segment.deleted() : DeleteVector.NONE;
      DeleteVector vector = before.with(rows);
      if (vector.size() > 0) {
        added.put(segment.meta().objectKey(), vector);
      }
    }
    if (added.isEmpty()) {
      return consolidate ? List.of() : present;
    }
    String key = names.deletes();
    manifests.writeDeletes(key, added);
    if (consolidate) {
      return List.of(key);
    }
    var all = new ArrayList<>(present);
    all.add(key);
    return all;
  }

  /**
   * Lets go of what the new manifest makes superfluous, if it surely is the one that counts. That
   * is asked after publishing: an owner that is granted the shard later finds this manifest, one
   * that was granted it before may have begun at an older one. A safekeeper that has not heard of
   * that owner would still obey this one and forget what the next manifest does not cover.
   */
  private void dropSuperfluous() {
    try {
      if (!grants.confirm(grant)) {
        return;
      }
      log.forgetBelow(published);
    } catch (SheafException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "the log of " + state.shard() + " stays as it is for now: " + e.message());
    }
  }
}
