package dev.sheaf.log;

import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who the acceptors of a log are. While members change, the configuration is joint: both sets must
 * have a majority for every election and every commit.
 *
 * <p>Configurations of a log form one chain, kept outside of the log and extended by
 * compare-and-swap: {@code members}, {@linkplain #joint joint}, then {@linkplain #completed the new
 * members} or {@linkplain #abandoned the old ones} again. {@link Proposer} says when the next link
 * may be added.
 *
 * @param generation grows with each change; an acceptor refuses a lower one than it has stored
 * @param members the acceptors, in order, no node twice
 * @param newMembers the acceptors to be; empty unless joint
 */
public record Configuration(long generation, List<Member> members, List<Member> newMembers) {

  /** What an acceptor that has heard of no configuration stores. */
  public static final Configuration NONE = new Configuration(0, List.of(), List.of());

  public Configuration {
    members = sorted(members);
    newMembers = sorted(newMembers);
    if (generation < 0 || members.isEmpty() != (generation == 0)) {
      throw new SheafException(
          ErrorCode.INVALID_PARAMETER_VALUE,
          "generation " + generation + " of a log's configuration with members " + members);
    }
  }

  public static Configuration of(long generation, List<Member> members) {
    return new Configuration(generation, members, List.of());
  }

  private static List<Member> sorted(List<Member> members) {
    List<Member> sorted = members.stream().sorted().toList();
    if (sorted.stream().map(Member::node).distinct().count() != members.size()) {
      throw new SheafException(
          ErrorCode.INVALID_PARAMETER_VALUE, "a safekeeper is named twice in " + members);
    }
    return sorted;
  }

  public boolean isJoint() {
    return !newMembers.isEmpty();
  }

  /** The first step of a change to other members. */
  public Configuration joint(List<Member> next) {
    return new Configuration(generation + 1, members, next);
  }

  /** The second step: the new members alone. */
  public Configuration completed() {
    return of(generation + 1, newMembers);
  }

  /** The way back: the old members alone. */
  public Configuration abandoned() {
    return of(generation + 1, members);
  }

  /** Every node to talk to: of members and new members, in order, none twice. */
  public List<NodeId> nodes() {
    Set<NodeId> nodes = new TreeSet<>();
    Stream.concat(members.stream(), newMembers.stream()).map(Member::node).forEach(nodes::add);
    return List.copyOf(nodes);
  }

  /** The member at a node; null if there is none. New members do not count. */
  public @Nullable Member member(NodeId node) {
    return members.stream().filter(each -> each.node().equals(node)).findFirst().orElse(null);
  }

  /** Whether the members that pass are a majority (of both sets if joint). */
  public boolean isQuorum(Predicate<Member> passes) {
    return isMajority(members, passes) && (newMembers.isEmpty() || isMajority(newMembers, passes));
  }

  /** Whether a majority (of both sets if joint) is among those that follow their leader. */
  public boolean isFollowed(List<NodeStanding> standings) {
    Set<NodeId> following = new TreeSet<>();
    standings.stream()
        .filter(each -> each.member() && each.following())
        .forEach(each -> following.add(each.node()));
    return isQuorum(member -> following.contains(member.node()));
  }

  private static boolean isMajority(List<Member> members, Predicate<Member> passes) {
    return members.stream().filter(passes).count() > members.size() / 2;
  }

  /** The greatest position that a majority (of both sets if joint) has reached. */
  public Lsn quorumPosition(Function<Member, Lsn> position) {
    Lsn first = majorityPosition(members, position);
    if (newMembers.isEmpty()) {
      return first;
    }
    Lsn second = majorityPosition(newMembers, position);
    return first.isBefore(second) ? first : second;
  }

  private static Lsn majorityPosition(List<Member> members, Function<Member, Lsn> position) {
    List<Lsn> ascending = new ArrayList<>(members.stream().map(position).sorted().toList());
    int majority = members.size() / 2 + 1;
    return ascending.get(members.size() - majority);
  }
}
