package dev.sheaf.pageserver.log;

import dev.sheaf.log.Configuration;
import dev.sheaf.log.NodeId;
import dev.sheaf.log.NodeStanding;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Term;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One shard's replicated log as its owner uses it: the proposer's shell over a quorum of
 * safekeepers.
 *
 * <p>Life: {@link #open} wins the election for the term (which fences older owners) and brings the
 * safekeepers to a common end; {@link #replay} then reads the committed records; then {@link
 * #append} proposes. Thread-safe.
 */
public interface ShardLog extends AutoCloseable {

  /**
   * Becomes the proposer of the term. Afterwards every record that was ever acknowledged is below
   * {@link #endLsn}, and what is below it is committed.
   *
   * @throws dev.sheaf.protocol.error.SheafException 57P03 no quorum before the deadline; 40001 a
   *     greater term exists
   */
  void open(Term term, Deadline deadline);

  /**
   * Calls the consumer with each record from {@code from} (a record's start, at or above {@link
   * #startLsn}) to the end, in order. XX001 when a record cannot be had or fails its check on every
   * safekeeper.
   */
  void replay(Lsn from, RecordConsumer consumer, Deadline deadline);

  /** Receives one record. */
  interface RecordConsumer {
    /**
     * @param start the record's position
     * @param end the position after it: where the next record starts
     */
    void accept(Lsn start, Lsn end, byte[] payload);
  }

  /**
   * A record that has its position.
   *
   * @param committed completes with the record's end once a majority has it fsynced, in order, on a
   *     thread of the network or of another one who appends: what hangs on it must not block. Fails
   *     with 40003 when the outcome is unknown (fenced, closed or deadline of the log passed);
   *     nothing was appended if it fails with 53400 or another 53xxx (too many bytes wait, the
   *     safekeepers have no room), 25006 (records before it have waited for a majority that is not
   *     there) or 54000 (the record is too large)
   * @param send gets it on its way, if nobody else has; never blocks
   */
  record Proposed(CompletableFuture<Lsn> committed, Runnable send) {}

  /**
   * Proposes a record; records take positions in call order. For callers that hold a lock: they run
   * {@link Proposed#send} once they have let go of it.
   */
  Proposed propose(byte[] payload);

  /** Proposes a record and sends it. */
  default CompletableFuture<Lsn> append(byte[] payload) {
    Proposed proposed = propose(payload);
    proposed.send().run();
    return proposed.committed();
  }

  /** Oldest position that the safekeepers still hold. */
  Lsn startLsn();

  /** Position after the last appended record. */
  Lsn endLsn();

  /** Position up to which records are durable on a majority. */
  Lsn commitLsn();

  /**
   * Lets the safekeepers forget records below a position that a durable manifest covers. Returns at
   * once.
   */
  void forgetBelow(Lsn published);

  /**
   * Makes these safekeepers the members of the log, each with the journal that it has now, while
   * records are appended: new ones are brought up to date first, then a joint configuration takes
   * over, then these nodes alone. So a lost safekeeper is replaced; so is, by naming the same nodes
   * again, the journal that one of them lost (the owner does that by itself once the safekeeper has
   * a full copy).
   *
   * @throws dev.sheaf.protocol.error.SheafException 57P03 not done before the deadline: nothing was
   *     changed, or if the joint configuration was stored already, this owner or the next one
   *     completes it; 55006 another change is under way, 55000 not the leader, 22023 no node or one
   *     twice; 40003 the log ended meanwhile
   */
  void changeMembers(List<NodeId> members, Deadline deadline);

  /**
   * Lets a safekeeper that is no member, and is not about to be, drop its copy of the log; one that
   * never had one stores nothing. Returns at once; nobody learns whether the safekeeper was there.
   *
   * @return false if it was not told, as the present members have not come into force yet
   */
  boolean retire(NodeId node);

  /** The configuration that the log is led under. */
  Configuration configuration();

  /** How each of the log's nodes stands, for status pages and for whoever decides on members. */
  List<NodeStanding> standings();

  /** False once fenced by a greater term, failed or closed: the owner must stop serving. */
  boolean isLeader();

  @Override
  void close();
}
