package dev.sheaf.log;

import dev.sheaf.protocol.Lsn;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** All acceptors that a proposer talks to, and what they are to a configuration. */
final class Followers {
  private final Map<NodeId, Follower> byNode = new TreeMap<>();

  /**
   * From now on these are followed, and all others leave.
   *
   * @param generation of the configuration that decides now
   * @return the new ones: to be asked where they stand
   */
  List<Follower> follow(Set<NodeId> nodes, long generation) {
    List<Follower> fresh = new ArrayList<>();
    for (NodeId node : nodes) {
      Follower follower = byNode.get(node);
      if (follower == null || follower.isLeaving()) {
        follower = new Follower(node, generation);
        byNode.put(node, follower);
        fresh.add(follower);
      }
    }
    byNode.values().stream()
        .filter(each -> !nodes.contains(each.node) && !each.isLeaving())
        .forEach(Follower::leave);
    return fresh;
  }

  /** A node that is none of those followed and may still have the log. */
  Follower leaving(NodeId node, long generation) {
    var follower = new Follower(node, generation);
    follower.leave();
    byNode.put(node, follower);
    return follower;
  }

  void remove(Follower follower) {
    byNode.remove(follower.node);
  }

  void keepOnly(Collection<NodeId> nodes) {
    byNode.keySet().retainAll(nodes);
  }

  @Nullable Follower get(NodeId node) {
    return byNode.get(node);
  }

  Collection<Follower> all() {
    return byNode.values();
  }

  /** The follower that is the member; null if its node has another journal by now. */
  @Nullable Follower of(Member member) {
    Follower follower = byNode.get(member.node());
    return follower != null && follower.is(member) ? follower : null;
  }

  /** Whether each of them has answered with the journal that it is trusted for. */
  boolean areAll(List<Member> members) {
    return members.stream().allMatch(member -> of(member) != null);
  }

  private boolean isMember(Follower follower, Configuration configuration) {
    return membersOf(configuration).anyMatch(follower::is);
  }

  private static Stream<Member> membersOf(Configuration configuration) {
    return Stream.concat(configuration.members().stream(), configuration.newMembers().stream());
  }

  // ---- election

  private Reply.@Nullable Standing voteOf(Member member) {
    Follower follower = of(member);
    return follower != null && follower.hasVoted() ? follower.standing() : null;
  }

  boolean haveElected(Configuration configuration) {
    return configuration.isQuorum(member -> voteOf(member) != null);
  }

  /** The members' most advanced voter: whatever was committed, it holds. */
  Reply.Standing donor(Configuration configuration) {
    return membersOf(configuration)
        .map(this::voteOf)
        .filter(Objects::nonNull)
        .max(Comparator.comparing(Reply.Standing::position))
        .orElseThrow();
  }

  // ---- replication

  /** Whether a majority follows a leader whose term starts there, and has all that was before. */
  boolean arePast(Lsn termStart, Configuration configuration) {
    return configuration.isQuorum(member -> isPast(termStart, of(member)));
  }

  /** Before the term's start a position says nothing: a later leader could still cut it off. */
  Lsn quorumPosition(Lsn termStart, Configuration configuration) {
    return configuration.quorumPosition(member -> {
      Follower follower = of(member);
      return follower != null && isPast(termStart, follower) ? follower.flush() : Lsn.ZERO;
    });
  }

  private static boolean isPast(Lsn termStart, @Nullable Follower follower) {
    return follower != null && follower.hasFollowed() && termStart.compareTo(follower.flush()) <= 0;
  }

  /** Whether the configuration is in force: see {@link Membership}. */
  boolean obey(Configuration configuration, Lsn commit) {
    return configuration.isQuorum(member -> {
      Follower follower = of(member);
      return follower != null
          && follower.hasFollowed()
          && follower.generation() >= configuration.generation()
          && commit.compareTo(follower.flush()) <= 0;
    });
  }

  /** Acceptors that hold the record at a position, best first. */
  List<NodeId> holders(Lsn position) {
    return byNode.values().stream()
        .filter(each -> each.holds(position))
        .sorted(Comparator.comparing(Follower::flush).reversed())
        .map(each -> each.node)
        .toList();
  }

  /** An acceptor that has what this one lacks, and has not failed to deliver it. */
  Optional<NodeId> donorFor(Follower reader) {
    return holders(reader.flush()).stream()
        .filter(node -> !reader.failedDonors.contains(node))
        .findFirst();
  }

  List<NodeStanding> standings(Configuration configuration) {
    return byNode.values().stream()
        .filter(each -> !each.isLeaving())
        .map(each ->
            new NodeStanding(
                each.node, isMember(each, configuration), each.isFollowing(), each.flush()))
        .toList();
  }
}
