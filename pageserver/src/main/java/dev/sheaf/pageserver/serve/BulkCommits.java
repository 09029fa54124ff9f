package dev.sheaf.pageserver.serve;

import dev.sheaf.pageserver.bulk.BulkTarget;
import dev.sheaf.pageserver.bulk.UniquenessCheck;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.shard.InFlight;
import dev.sheaf.pageserver.tree.Segment;
import dev.sheaf.pageserver.tree.Tree;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.record.ShardRecord.BulkCommit;
import dev.sheaf.protocol.record.ShardRecord.LoadedSegment;
import dev.sheaf.rpc.shard.ShardService.BulkRequest;
import dev.sheaf.rpc.shard.ShardService.CommitResult;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Commits one bulk load: the table is locked as a whole while its keys are compared. */
final class BulkCommits implements BulkTarget {
  private final ShardState state;
  private final CommitPipeline pipeline;
  private final ObjectNames names;
  private final ObjectNames.Work work;
  private final PageServerShares shares;
  private final LongSupplier nanoClock;

  /**
   * @param shares of whose slots the load holds one; given back when it ends
   */
  BulkCommits(
      ShardState state,
      CommitPipeline pipeline,
      ObjectNames names,
      PageServerShares shares,
      LongSupplier nanoClock) {
    this.state = state;
    this.pipeline = pipeline;
    this.names = names;
    this.work = names.begin();
    this.shares = shares;
    this.nanoClock = nanoClock;
  }

  @Override
  public String newSegmentKey() {
    return names.segment();
  }

  @Override
  public void bulkEnded() {
    work.close();
    shares.bulkSlots().release();
  }

  @Override
  public CommitResult commitBulk(BulkRequest request, List<Segment> chunks, Deadline deadline) {
    pipeline.checkSnapshot(request.snapshot());
    var commit =
        InFlight.ofTable(
            request.transaction(), request.snapshot(), request.tableId(), request.guards());
    Optional<Timestamp> before = pipeline.admit(commit, deadline);
    if (before.isPresent()) {
      return new CommitResult(before.get());
    }
    try {
      awaitEarlierWriters(commit, deadline);
      Tree tree = state.tree();
      CommitPipeline.validateGuards(tree, request.guards(), request.snapshot().value());
      if (!request.keysAreNew()) {
        UniquenessCheck.againstTable(tree, request.tableId(), chunks, request.snapshot());
      }
    } catch (RuntimeException | Error e) {
      pipeline.withdraw(commit, e);
      throw e;
    }
    List<LoadedSegment> loaded = chunks.stream().map(BulkCommits::loaded).toList();
    CommitResult result =
        pipeline.sequence(
            commit,
            timestamp ->
                new BulkCommit(request.transaction(), timestamp, request.tableId(), loaded),
            0,
            deadline);
    shares.totals().flushed(loaded.stream().mapToLong(LoadedSegment::sizeBytes).sum());
    return result;
  }

  private static LoadedSegment loaded(Segment chunk) {
    SegmentMeta meta = chunk.meta();
    return new LoadedSegment(
        meta.objectKey(), meta.sizeBytes(), meta.rows(), meta.minKey(), meta.maxKey());
  }

  private void awaitEarlierWriters(InFlight commit, Deadline deadline) {
    while (true) {
      Optional<InFlight> writer = state.serving(order -> order.earlierWriter(commit));
      if (writer.isEmpty()) {
        return;
      }
      Waiting.awaitEnd(
          writer.get().outcome(), deadline, nanoClock, "transaction " + writer.get().transaction());
    }
  }
}
