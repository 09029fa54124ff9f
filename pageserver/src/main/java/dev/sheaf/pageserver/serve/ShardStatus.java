package dev.sheaf.pageserver.serve;

import dev.sheaf.log.NodeStanding;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Term;
import java.util.List;

/**
 * How a shard that is open here stands, for people and metrics.
 *
 * @param serving false once it must be opened again before it can be used
 * @param writable false also while the log knows of no majority of its safekeepers: commits wait,
 *     then are refused (25006). One that nobody writes to may not have noticed yet
 * @param oldest position from which on the log is still needed: what is below lies in the object
 *     store
 * @param committed position up to which a majority of safekeepers has the log
 * @param memtableBytes in the memtable that takes writes now
 * @param safekeepers each with the position up to which it is known to have the log
 */
public record ShardStatus(
    ShardId shard,
    Term term,
    boolean serving,
    boolean writable,
    Lsn oldest,
    Lsn committed,
    long memtableBytes,
    List<NodeStanding> safekeepers) {

  /** Bytes of log that no manifest covers yet: what a successor would have to replay. */
  public long unflushedBytes() {
    return Math.max(0, committed.value() - oldest.value());
  }
}
