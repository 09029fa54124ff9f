package dev.sheaf.pageserver.serve;

import dev.sheaf.pageserver.flush.FlushJob;
import dev.sheaf.pageserver.flush.MemtableBudget;
import dev.sheaf.pageserver.grant.Grant;
import dev.sheaf.pageserver.grant.Grants;
import dev.sheaf.pageserver.log.ShardLog;
import dev.sheaf.pageserver.manifest.DeleteVector;
import dev.sheaf.pageserver.manifest.Manifest;
import dev.sheaf.pageserver.manifest.ManifestStore;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.manifest.ShardObjects;
import dev.sheaf.pageserver.memtable.Memtable;
import dev.sheaf.pageserver.tree.LiveSegment;
import dev.sheaf.pageserver.tree.Tree;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Moves a shard's memtables to the object store, oldest first: segments, delete vectors, manifest;
 * then the log may forget and memory is free. A flush that fails is tried again; nothing depends on
 * its time but room. Thread-safe.
 */
final class ShardFlusher {
  private static final System.Logger LOG = System.getLogger(ShardFlusher.class.getName());
  private static final int MAX_MEMTABLES = 3;
  private static final int MAX_DELETE_OBJECTS = 16;
  private static final int SWEEP_EVERY = 8;
  private static final long FIRST_PAUSE_MILLIS = 100;
  private static final long LONGEST_PAUSE_MILLIS = 10_000;

  private final ShardState state;
  private final Grant grant;
  private final Grants grants;
  private final ShardLog log;
  private final ManifestStore manifests;
  private final ShardObjects keys;
  private final FlushJob job;
  private final MemtableBudget.Account budget;
  private final long memtableBytes;
  private final Executor background;

  private final AtomicBoolean running = new AtomicBoolean();
  private final AtomicLong deleteObjects = new AtomicLong();

  /** Held over one flush; guards what follows. */
  private final ReentrantLock flushing = new ReentrantLock();

  private long sequence;
  private Lsn published;
  private Timestamp newestCommit;

  ShardFlusher(
      ShardState state,
      Grant grant,
      Grants grants,
      ShardLog log,
      ManifestStore manifests,
      FlushJob job,
      MemtableBudget.Account budget,
      long memtableBytes,
      Executor background,
      Manifest newest) {
    this.state = state;
    this.grant = grant;
    this.grants = grants;
    this.log = log;
    this.manifests = manifests;
    this.keys = new ShardObjects(grant.shard());
    this.job = job;
    this.budget = budget;
    this.memtableBytes = memtableBytes;
    this.background = background;
    this.published = newest.published();
    this.newestCommit = newest.newestCommit();
  }

  /** Starts a flush if the active memtable is full, or one that had to wait for a commit. */
  void flushIfFull() {
    if (state.tree().active().sizeBytes() >= memtableBytes || state.isRotationDue()) {
      flushSoon();
    }
  }

  /** Starts a flush of what the active memtable holds, unless enough is being flushed already. */
  void flushSoon() {
    boolean unused =
        state.locked(() -> state.tree().memtables().size() < MAX_MEMTABLES && state.rotate());
    if (state.tree().memtables().size() > 1 && running.compareAndSet(false, true)) {
      background.execute(this::run);
    }
  }

  private void run() {
    try {
      flushFrozen();
    } finally {
      running.set(false);
    }
    // A memtable may have been frozen after the last look.
    if (!state.isStopped() && state.tree().memtables().size() > 1) {
      flushSoon();
    }
  }

  private void flushFrozen() {
    long pause = FIRST_PAUSE_MILLIS;
    while (!state.isStopped() && state.tree().memtables().size() > 1) {
      try {
        flushOldest();
        pause = FIRST_PAUSE_MILLIS;
      } catch (RuntimeException e) {
        LOG.log(
            System.Logger.Level.WARNING,
            "cannot flush shard " + state.shard() + ", trying again in " + pause + " ms",
            e);
        if (!pause(pause)) {
          break;
        }
        pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS);
      }
    }
  }

  private static boolean pause(long millis) {
    try {
      Thread.sleep(millis);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Flushes everything; no commit may be in flight or begin. */
  void flushAll() {
    boolean unused = state.locked(state::rotate);
    while (state.tree().memtables().size() > 1) {
      flushOldest();
    }
    flushing.lock();
    try {
      Memtable active = state.tree().active();
      // Only an empty memtable has nothing below its position that no segment holds.
      if (active.isEmpty() && published.isBefore(active.appliedTo())) {
        publish(active, new FlushJob.Result(Map.of(), Map.of()));
      }
    } finally {
      flushing.unlock();
    }
  }

  private void flushOldest() {
    flushing.lock();
    try {
      Tree tree = state.tree();
      Memtable oldest = tree.memtables().getLast();
      if (oldest == tree.active()) {
        return;
      }
      checkOwner();
      publish(oldest, job.run(tree, oldest));
      budget.release(oldest.sizeBytes());
    } finally {
      flushing.unlock();
    }
  }

  private void checkOwner() {
    grant.checkHeld();
    if (!log.isLeader()) {
      throw new SheafException(
          ErrorCode.CANNOT_CONNECT_NOW, "shard " + state.shard() + " has another owner");
    }
  }

  /** Data first, then the manifest that names it, then what it makes superfluous. */
  private void publish(Memtable memtable, FlushJob.Result result) {
    checkOwner();
    List<String> deletes = writeDeletes(result);
    ShardState.Memory memory = state.remember();
    var segments = new ArrayList<SegmentMeta>();
    state.tree().segments().forEach(segment -> segments.add(segment.meta()));
    segments.addAll(result.segments().keySet());
    Timestamp newest = memtable.newest().isAfter(newestCommit) ? memtable.newest() : newestCommit;
    // A number is never used twice: an attempt that failed may have left its object all the same.
    sequence++;
    manifests.publish(
        new Manifest(
            state.shard(),
            grant.term(),
            sequence,
            memtable.appliedTo(),
            newest,
            segments,
            deletes,
            memory.catalog(),
            memory.outcomes(),
            memory.ancestors()));
    published = memtable.appliedTo();
    newestCommit = newest;
    if (memtable != state.tree().active()) {
      state.flushed(memtable, result, deletes);
    }
    dropSuperfluous();
  }

  /** The delete vector objects of the next manifest, with what this flush adds. */
  private List<String> writeDeletes(FlushJob.Result result) {
    List<String> present = state.remember().deletes();
    var added = new HashMap<String, DeleteVector>();
    result
        .segments()
        .forEach((meta, vector) -> {
          if (vector.size() > 0) {
            added.put(meta.objectKey(), vector);
          }
        });
    boolean consolidate = present.size() >= MAX_DELETE_OBJECTS;
    for (LiveSegment segment : state.tree().segments()) {
      Map<Integer, Long> rows =
          result.superseded().getOrDefault(segment.segment().number(), Map.of());
      DeleteVector before = consolidate ? segment.deleted() : DeleteVector.NONE;
      DeleteVector vector = before.with(rows);
      if (vector.size() > 0) {
        added.put(segment.meta().objectKey(), vector);
      }
    }
    if (added.isEmpty()) {
      return present;
    }
    String key = keys.deletes(grant.term(), deleteObjects.incrementAndGet());
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
      if (sequence % SWEEP_EVERY == 0) {
        manifests.deleteOld();
      }
    } catch (SheafException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "log and old manifests of " + state.shard() + " stay for now: " + e.message());
    }
  }
}
