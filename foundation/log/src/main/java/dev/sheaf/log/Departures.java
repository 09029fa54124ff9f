package dev.sheaf.log;

import dev.sheaf.protocol.Lsn;

/**
 * Lets nodes that are members of a log no more drop it: those that a leader has seen leave, and
 * those that come back after an earlier one saw it. Only while the configuration without them is in
 * force: then no election can be won by their votes, and what is committed is on others. Not
 * thread-safe.
 */
final class Departures {
  /** A node that left is told so at most that often: it may never come back. */
  private static final int ATTEMPTS = 5;

  private final Followers followers;
  private final Outbox outbox;

  Departures(Followers followers, Outbox outbox) {
    this.followers = followers;
    this.outbox = outbox;
  }

  /** For a node of which nothing is known but that it is no member; one that is leaving is told. */
  void begin(NodeId node, Configuration configuration) {
    if (followers.get(node) == null) {
      tell(followers.leaving(node, configuration.generation()), configuration);
    }
  }

  void tellAll(Configuration configuration) {
    followers.all().stream()
        .filter(Follower::isLeaving)
        .toList()
        .forEach(follower -> tell(follower, configuration));
  }

  void tell(Follower follower, Configuration configuration) {
    if (follower.countRetireAttempt() > ATTEMPTS) {
      followers.remove(follower);
      return;
    }
    outbox.retire(follower, configuration);
  }

  /** Empty: it has dropped the log, or never had it. Anything else is an old reply. */
  void answered(Follower follower, Reply.Standing standing) {
    if (standing.flush().equals(Lsn.ZERO)) {
      followers.remove(follower);
    }
  }
}
