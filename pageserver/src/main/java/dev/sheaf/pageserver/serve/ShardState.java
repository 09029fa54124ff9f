package dev.sheaf.pageserver.serve;

import dev.sheaf.pageserver.flush.FlushJob;
import dev.sheaf.pageserver.manifest.DeleteVector;
import dev.sheaf.pageserver.manifest.Manifest;
import dev.sheaf.pageserver.manifest.Manifest.Ancestor;
import dev.sheaf.pageserver.manifest.Manifest.CatalogHistory;
import dev.sheaf.pageserver.manifest.Manifest.Outcome;
import dev.sheaf.pageserver.manifest.Manifest.Outcomes;
import dev.sheaf.pageserver.manifest.ReadableTimes;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.memtable.Memtable;
import dev.sheaf.pageserver.shard.CatalogVersions;
import dev.sheaf.pageserver.shard.CommitOrder;
import dev.sheaf.pageserver.shard.InFlight;
import dev.sheaf.pageserver.shard.OutcomeTable;
import dev.sheaf.pageserver.tree.LiveSegment;
import dev.sheaf.pageserver.tree.Segment;
import dev.sheaf.pageserver.tree.SegmentOpener;
import dev.sheaf.pageserver.tree.Tree;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.protocol.record.ShardRecord;
import dev.sheaf.protocol.record.ShardRecord.Abort;
import dev.sheaf.protocol.record.ShardRecord.BulkCommit;
import dev.sheaf.protocol.record.ShardRecord.Commit;
import dev.sheaf.protocol.record.ShardRecord.LoadedSegment;
import dev.sheaf.protocol.record.ShardRecord.Write;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the parts of an owned shard share, and the one lock that guards it. The lock is held for
 * moments only: never over I/O, a lookup in a segment or the application of a commit.
 */
final class ShardState {
  private final ShardId shard;
  private final SegmentOpener opener;
  private final List<Ancestor> ancestors;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock.
  private final CommitOrder order;
  private final OutcomeTable outcomes;
  private final CatalogVersions catalog;
  private final List<String> deletes;
  private @Nullable SheafException stopped;
  private boolean draining;

  /** Replaced under the lock, read without. */
  private volatile Tree tree;

  /** By the one who applies, or under the lock. */
  private int nextSegment;

  private volatile Timestamp newestCommit;

  /** Changed under the lock. */
  private volatile boolean rotationDue;

  ShardState(Manifest manifest, Map<String, DeleteVector> deleted, SegmentOpener opener) {
    this.shard = manifest.shard();
    this.opener = opener;
    this.ancestors = manifest.ancestors();
    Outcomes known = manifest.outcomes();
    this.outcomes = new OutcomeTable(known.completeFrom(), known.abortsCompleteFrom());
    known.commits().forEach(o -> outcomes.committed(o.transaction(), o.timestamp()));
    known.aborts().forEach(o -> outcomes.aborted(o.transaction(), o.timestamp()));
    this.order = new CommitOrder(outcomes);
    this.catalog =
        new CatalogVersions(manifest.catalog().completeFrom(), manifest.catalog().commits());
    this.deletes = new ArrayList<>(manifest.deletes());
    this.newestCommit = manifest.newestCommit();
    var segments = new ArrayList<LiveSegment>();
    for (SegmentMeta meta : manifest.segments()) {
      segments.add(
          new LiveSegment(
              newSegment(meta), deleted.getOrDefault(meta.objectKey(), DeleteVector.NONE)));
    }
    this.tree = Tree.of(new Memtable(manifest.published()), segments, manifest.readable());
  }

  private Segment newSegment(SegmentMeta meta) {
    return new Segment(nextSegment++, meta, opener);
  }

  ShardId shard() {
    return shard;
  }

  Tree tree() {
    return tree;
  }

  /** Newest commit that was applied. */
  Timestamp newestCommit() {
    return newestCommit;
  }

  /** Runs under the lock, unless the shard has stopped (57P03). */
  <T> T serving(java.util.function.Function<CommitOrder, T> action) {
    lock.lock();
    try {
      checkServing();
      return action.apply(order);
    } finally {
      lock.unlock();
    }
  }

  /** Like {@link #serving}, for commits that begin: 57P03 also once the shard is being closed. */
  <T> T admitting(java.util.function.Function<CommitOrder, T> action) {
    return serving(order -> {
      if (draining) {
        throw new SheafException(
                ErrorCode.CANNOT_CONNECT_NOW, "shard " + shard + " is being closed")
            .withHint("Try again in a moment.");
      }
      return action.apply(order);
    });
  }

  /** Lets no commit begin from now on; those that have begun may end. */
  void drain() {
    lock.lock();
    try {
      draining = true;
    } finally {
      lock.unlock();
    }
  }

  /** Runs under the lock, even when the shard has stopped. */
  <T> T locked(Supplier<T> action) {
    lock.lock();
    try {
      return action.get();
    } finally {
      lock.unlock();
    }
  }

  private void checkServing() {
    SheafException why = stopped;
    if (why != null) {
      throw new SheafException(
              ErrorCode.CANNOT_CONNECT_NOW,
              "shard " + shard + " is not served here: " + why.message(),
              why)
          .withHint("Try again: it will be opened again, here or on another node.");
    }
  }

  boolean isStopped() {
    return locked(() -> stopped != null);
  }

  /** For people; empty while it serves. */
  Optional<String> stopReason() {
    return Optional.ofNullable(locked(() -> stopped)).map(SheafException::message);
  }

  /**
   * Ends serving for good. Commits in the log whose fate is open get 40003.
   *
   * @return false if it had stopped before
   */
  boolean stop(SheafException why) {
    List<InFlight> open;
    lock.lock();
    try {
      if (stopped != null) {
        return false;
      }
      stopped = why;
      open = order.inFlight().stream().filter(InFlight::isOrdered).toList();
    } finally {
      lock.unlock();
    }
    for (InFlight commit : open) {
      commit
          .outcome()
          .completeExceptionally(
              new SheafException(
                      ErrorCode.STATEMENT_COMPLETION_UNKNOWN,
                      "the outcome of transaction " + commit.transaction() + " is unknown",
                      why)
                  .withHint("Ask for it by the transaction's id before trying again."));
    }
    return true;
  }

  CatalogVersions catalogVersions() {
    return catalog;
  }

  CommitOrder order() {
    return order;
  }

  /**
   * Makes a record's effects visible; records come one at a time, in log order. Not under the lock.
   */
  void apply(ShardRecord record, Lsn end) {
    List<Memtable> memtables = tree.memtables();
    Memtable active = memtables.getFirst();
    active.applying(record.timestamp());
    switch (record) {
      case Commit commit -> {
        for (Write write : commit.writes()) {
          if (!write.added()) {
            supersede(memtables, write.key(), commit.timestamp());
          }
          active.put(write.key(), commit.timestamp(), write.row(), write.added());
        }
      }
      case BulkCommit bulk -> add(bulk);
      case Abort abort -> {}
    }
    active.applied(end);
    newestCommit = record.timestamp();
  }

  /** The key's version before this one, if it is in memory: in the newest that has any. */
  private static void supersede(List<Memtable> memtables, byte[] key, Timestamp timestamp) {
    for (Memtable memtable : memtables) {
      if (memtable.supersede(key, timestamp)) {
        return;
      }
    }
  }

  private void add(BulkCommit bulk) {
    lock.lock();
    try {
      // A manifest written after the load, but for an earlier position, lists it already.
      var known = new HashMap<String, Segment>();
      tree.segments().forEach(s -> known.put(s.meta().objectKey(), s.segment()));
      var added = new ArrayList<LiveSegment>();
      for (LoadedSegment loaded : bulk.segments()) {
        if (!known.containsKey(loaded.objectKey())) {
          added.add(new LiveSegment(newSegment(metaOf(bulk, loaded)), DeleteVector.NONE));
        }
      }
      tree = tree.with(added);
    } finally {
      lock.unlock();
    }
  }

  private static SegmentMeta metaOf(BulkCommit bulk, LoadedSegment loaded) {
    return new SegmentMeta(
        loaded.objectKey(),
        loaded.sizeBytes(),
        loaded.rows(),
        bulk.tableId(),
        loaded.minKey(),
        loaded.maxKey(),
        bulk.timestamp(),
        bulk.timestamp(),
        false);
  }

  /** Whether a record changes the catalog. */
  static boolean changesCatalog(ShardRecord record) {
    return switch (record) {
      case Commit commit ->
          commit.writes().stream()
              .anyMatch(w -> TableKey.tableIdOf(w.key()) < TableDescriptor.FIRST_USER_TABLE_ID);
      case BulkCommit bulk -> bulk.tableId() < TableDescriptor.FIRST_USER_TABLE_ID;
      case Abort abort -> false;
    };
  }

  /** A replayed record: it has no one waiting for it. */
  void replayed(ShardRecord record, Lsn end) {
    apply(record, end);
    switch (record) {
      case Commit commit -> outcomes.committed(commit.transaction(), commit.timestamp());
      case BulkCommit bulk -> outcomes.committed(bulk.transaction(), bulk.timestamp());
      case Abort abort -> outcomes.aborted(abort.transaction(), abort.timestamp());
    }
    if (changesCatalog(record)) {
      catalog.changed(record.timestamp());
    }
  }

  /**
   * Under the lock: from now on versions go to a fresh memtable, if the active one has any. Never
   * in the middle of a commit: the flush would publish a position beyond versions that it had not
   * seen yet. It is remembered as {@linkplain #isRotationDue due} then.
   */
  boolean rotate() {
    rotationDue = order.isApplying();
    if (rotationDue || tree.active().isEmpty()) {
      return false;
    }
    tree = tree.rotated(new Memtable(tree.active().appliedTo()));
    return true;
  }

  /** Whether a rotation was asked for while it could not be. */
  boolean isRotationDue() {
    return rotationDue;
  }

  /** What a manifest says beside its segments: at least up to what has been applied. */
  record Memory(
      CatalogHistory catalog, Outcomes outcomes, List<String> deletes, List<Ancestor> ancestors) {}

  Memory remember() {
    return locked(() ->
        new Memory(
            new CatalogHistory(catalog.completeFrom(), catalog.commits()),
            new Outcomes(
                outcomes.completeFrom(),
                listed(outcomes.commits()),
                outcomes.abortsCompleteFrom(),
                listed(outcomes.aborts())),
            List.copyOf(deletes),
            ancestors));
  }

  /**
   * The shard as a manifest would show it: all that has been applied, but for what is in memtables.
   * It is not to be published: it names no position of the log.
   */
  Manifest picture() {
    return locked(() -> {
      Memory memory = remember();
      return new Manifest(
          shard,
          Term.NONE,
          0,
          Lsn.ZERO,
          newestCommit,
          tree.segments().stream().map(LiveSegment::meta).toList(),
          memory.deletes(),
          memory.catalog(),
          memory.outcomes(),
          ancestors,
          tree.readable());
    });
  }

  private static List<Outcome> listed(List<Map.Entry<TransactionId, Timestamp>> outcomes) {
    return outcomes.stream().map(e -> new Outcome(e.getKey(), e.getValue())).toList();
  }

  /**
   * Lets uploaded segments take the place of a memtable.
   *
   * @param deleteObjects the delete vector objects from now on
   */
  void flushed(Memtable memtable, FlushJob.Result result, List<String> deleteObjects) {
    lock.lock();
    try {
      var changed = new ArrayList<LiveSegment>();
      result
          .segments()
          .forEach((meta, vector) -> changed.add(new LiveSegment(newSegment(meta), vector)));
      for (LiveSegment segment : tree.segments()) {
        Map<Integer, Long> rows = result.superseded().get(segment.segment().number());
        if (rows != null) {
          changed.add(new LiveSegment(segment.segment(), segment.deleted().with(rows)));
        }
      }
      tree = tree.without(memtable).with(changed);
      deletes(deleteObjects);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Lets compacted segments take the place of others.
   *
   * @param outputs with their delete vectors
   */
  void compacted(
      Set<Segment> gone,
      Map<SegmentMeta, DeleteVector> outputs,
      ReadableTimes readable,
      List<String> deleteObjects) {
    lock.lock();
    try {
      var added = new ArrayList<LiveSegment>();
      outputs.forEach((meta, vector) -> added.add(new LiveSegment(newSegment(meta), vector)));
      tree = tree.replaced(gone, added, readable);
      deletes(deleteObjects);
    } finally {
      lock.unlock();
    }
  }

  /** Object keys that the present picture and commits in flight name. */
  Set<String> namedObjects() {
    return locked(() -> {
      var named = new HashSet<>(deletes);
      tree.segments().forEach(segment -> named.add(segment.meta().objectKey()));
      for (InFlight commit : order.inFlight()) {
        if (commit.isOrdered() && commit.orderedRecord() instanceof BulkCommit bulk) {
          bulk.segments().forEach(segment -> named.add(segment.objectKey()));
        }
      }
      return named;
    });
  }

  /** The delete vector objects from now on. */
  void deletes(List<String> deleteObjects) {
    lock.lock();
    try {
      deletes.clear();
      deletes.addAll(deleteObjects);
    } finally {
      lock.unlock();
    }
  }
}
