package dev.sheaf.log;

import dev.sheaf.protocol.Lsn;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a proposer knows of one acceptor, member or not. Not thread-safe. */
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
    AWAY,
    /** Is a member no more: hears nothing, in the end that it may drop the log. */
    LEAVING
  }

  final NodeId node;
  private final long since;
  private Stage stage = Stage.ASKED;
  private Reply.@Nullable Standing standing;
  private long incarnation = Member.NOT_ADMITTED;
  private long generation;
  private Lsn flush = Lsn.ZERO;
  private Lsn start = Lsn.ZERO;
  private boolean busy;
  private boolean followed;
  private int retireAttempts;

  /** Donors that could not deliver what this one lacks. */
  final Set<NodeId> failedDonors = new HashSet<>();

  /**
   * @param since generation of the leader's configuration when it began to follow, perhaps again
   */
  Follower(NodeId node, long since) {
    this.node = node;
    this.since = since;
  }

  /**
   * Whether it does not count any more: this one is leaving, or has left and come back since it was
   * sent, as its older configuration shows; what it acknowledges may be dropped by now.
   */
  boolean isOutdated(Reply.Synced reply) {
    return isLeaving() || reply.generation() < since;
  }

  void enter(Stage next) {
    stage = next;
    busy = next == Stage.ASKED || next == Stage.SYNCING;
  }

  /** What another journal acknowledged says nothing of this one. */
  void vote(Reply.Standing given) {
    if (incarnation != given.incarnation()) {
      forget();
      incarnation = given.incarnation();
    }
    standing = given;
    enter(Stage.VOTED);
  }

  /** Whatever it had, it may drop. */
  void leave() {
    forget();
    enter(Stage.LEAVING);
  }

  private void forget() {
    generation = 0;
    flush = Lsn.ZERO;
    start = Lsn.ZERO;
    followed = false;
  }

  /** Replies may come twice or late; a follower's log only grows within a term. */
  void synced(Reply.Synced reply) {
    if (stage != Stage.FOLLOWING || flush.isBefore(reply.flush())) {
      flush = reply.flush();
    }
    if (stage != Stage.FOLLOWING || start.isBefore(reply.start())) {
      start = reply.start();
    }
    generation = Math.max(generation, reply.generation());
    followed = true;
    enter(Stage.FOLLOWING);
  }

  /** Whether it is what the configuration trusts, and not the same node with another journal. */
  boolean is(Member member) {
    return member.isAdmitted() && member.node().equals(node) && member.incarnation() == incarnation;
  }

  /** {@link Member#NOT_ADMITTED} until it has answered. */
  long incarnation() {
    return incarnation;
  }

  /** Of the configuration that it has stored, as far as known. */
  long generation() {
    return generation;
  }

  /** Whether it has ever followed this leader: then {@link #flush} was acknowledged in its term. */
  boolean hasFollowed() {
    return followed;
  }

  /** Counts the requests to retire. */
  int countRetireAttempt() {
    return ++retireAttempts;
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

  boolean hasVoted() {
    return stage == Stage.VOTED;
  }

  boolean isLeaving() {
    return stage == Stage.LEAVING;
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
