package dev.sheaf.pageserver.bulk;

import dev.sheaf.pageserver.tree.Segment;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.rpc.shard.ShardService.BulkRequest;
import dev.sheaf.rpc.shard.ShardService.CommitResult;
import java.util.List;

/** The shard that a load goes to, as the load sees it. Thread-safe. */
public interface BulkTarget {
  /** A key that no other segment has or had. */
  String newSegmentKey();

  /** Excludes other commits to the table, checks, draws the timestamp, commits. */
  CommitResult commitBulk(BulkRequest request, List<Segment> chunks, Deadline deadline);

  /** The load is over, committed or not: its memory is free again. */
  void bulkEnded();
}
