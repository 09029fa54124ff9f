package dev.sheaf.log;

import dev.sheaf.protocol.Lsn;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a proposer knows of one acceptor. Not thread-safe. */
final class Follower {

  enum Stage {
    /** Asked where it stands and for its vote. */
    ASKED,
    /** Gave its vote; the election is not decided. */
    VOTED,
    /** Was told the leader's history. */
    SYNCING,
    /** Follows: its log is a prefix of the leader's. */
    FOLLOWING,
    /** Did not answer; will be asked again. */
    AWAY
  }

  final NodeId node;
  private Stage stage = Stage.ASKED;
  private Reply.@Nullable Standing standing;
  private Lsn flush = Lsn.ZERO;
  private Lsn start = Lsn.ZERO;
  private boolean busy;
  private boolean followed;

  /** Donors that could not deliver what this one lacks. */
  final Set<NodeId> failedDonors = new HashSet<>();

  Follower(NodeId node) {
    this.node = node;
  }

  void enter(Stage next) {
    stage = next;
    busy = next == Stage.ASKED || next == Stage.SYNCING;
  }

  void vote(Reply.Standing given) {
    standing = given;
    enter(Stage.VOTED);
  }

  /** Replies may come twice or late; a follower's log only grows within a term. */
  void synced(Reply.Synced reply) {
    if (stage != Stage.FOLLOWING || flush.isBefore(reply.flush())) {
      flush = reply.flush();
    }
    if (stage != Stage.FOLLOWING || start.isBefore(reply.start())) {
      start = reply.start();
    }
    followed = true;
    enter(Stage.FOLLOWING);
  }

  /** Whether it has ever followed this leader: then {@link #flush} was acknowledged in its term. */
  boolean hasFollowed() {
    return followed;
  }

  /** A request or a fetch for this follower is under way. */
  void occupy() {
    busy = true;
  }

  void release() {
    busy = false;
  }

  boolean isBusy() {
    return busy;
  }

  Stage stage() {
    return stage;
  }

  boolean isFollowing() {
    return stage == Stage.FOLLOWING;
  }

  Reply.@Nullable Standing standing() {
    return standing;
  }

  /** End of its log as last acknowledged, fsynced. */
  Lsn flush() {
    return flush;
  }

  /** Begin of its log as last acknowledged. */
  Lsn start() {
    return start;
  }

  boolean holds(Lsn position) {
    return isFollowing() && start.compareTo(position) <= 0 && position.isBefore(flush);
  }
}
