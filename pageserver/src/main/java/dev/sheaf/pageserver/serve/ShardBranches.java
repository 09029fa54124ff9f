package dev.sheaf.pageserver.serve;

import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.pageserver.branch.BranchCut;
import dev.sheaf.pageserver.manifest.Manifest;
import dev.sheaf.pageserver.manifest.ManifestStore;
import dev.sheaf.pageserver.manifest.ShardObjects;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.function.LongSupplier;

/**
 * Lets other databases begin as an owned shard was at a timestamp. Like a read it waits for the
 * commits in flight up to there; then for the flush of what the memtables hold of that time; then
 * it writes the child's manifest. Thread-safe.
 */
final class ShardBranches {
  private static final long POLL_MILLIS = 2;

  private final ShardState state;
  private final ShardReads reads;
  private final ShardFlusher flusher;
  private final ObjectStore objects;
  private final LongSupplier nanoClock;

  ShardBranches(
      ShardState state,
      ShardReads reads,
      ShardFlusher flusher,
      ObjectStore objects,
      LongSupplier nanoClock) {
    this.state = state;
    this.reads = reads;
    this.flusher = flusher;
    this.objects = objects;
    this.nanoClock = nanoClock;
  }

  /**
   * Idempotent, as long as the child is still to be opened.
   *
   * @throws SheafException 72000 what was there then is not kept; 22023 a timestamp in the future,
   *     or a child that is no other database's root shard
   */
  void branch(ShardId child, Timestamp at, Deadline deadline) {
    if (child.database().equals(state.shard().database()) || child.number() != 0) {
      throw new SheafException(
          ErrorCode.INVALID_PARAMETER_VALUE, child + " cannot branch off " + state.shard());
    }
    reads.awaitClosed(at, deadline);
    awaitFlushed(at, deadline);
    Manifest parent = state.picture();
    if (!parent.readable().includes(at)) {
      throw CommitPipeline.tooOld(at, parent.readable().from());
    }
    // As after every read: another owner may have gone on from an older state of this picture, but
    // never without what was committed by the time at which this node still was the owner.
    reads.checkOwner();
    new ManifestStore(objects, new ShardObjects(child)).begin(BranchCut.of(parent, child, at));
  }

  private void awaitFlushed(Timestamp at, Deadline deadline) {
    while (state.tree().memtables().stream().anyMatch(m -> !m.oldest().isAfter(at))) {
      if (deadline.isExpired(nanoClock.getAsLong())) {
        throw new SheafException(
                ErrorCode.CANNOT_CONNECT_NOW,
                "shard " + state.shard() + " could not be flushed up to " + at + " in time")
            .withHint("Try again; the server's log says what keeps it from being flushed.");
      }
      reads.checkOwner();
      flusher.flushSoon();
      Waiting.pause(POLL_MILLIS);
    }
  }
}
