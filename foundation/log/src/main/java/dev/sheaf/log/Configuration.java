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

/**
 * Who the acceptors of a log are. While members change, the configuration is joint: both sets must
 * have a majority for every election and every commit.
 *
 * @param generation grows with each change; an acceptor refuses a lower one than it has stored
 * @param members the acceptors, in order, none twice
 * @param newMembers the acceptors to be; empty unless joint
 */
public record Configuration(long generation, List<NodeId> members, List<NodeId> newMembers) {

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

  public static Configuration of(long generation, List<NodeId> members) {
    return new Configuration(generation, members, List.of());
  }

  private static List<NodeId> sorted(List<NodeId> nodes) {
    Set<NodeId> set = new TreeSet<>(nodes);
    if (set.size() != nodes.size()) {
      throw new SheafException(
          ErrorCode.INVALID_PARAMETER_VALUE, "a safekeeper is named twice in " + nodes);
    }
    return List.copyOf(set);
  }

  /** Every acceptor to talk to: members and new members, in order, none twice. */
  public List<NodeId> all() {
    Set<NodeId> all = new TreeSet<>(members);
    all.addAll(newMembers);
    return List.copyOf(all);
  }

  /** Whether the nodes that pass are a majority (of both sets if joint). */
  public boolean isQuorum(Predicate<NodeId> node) {
    return isMajority(members, node) && (newMembers.isEmpty() || isMajority(newMembers, node));
  }

  private static boolean isMajority(List<NodeId> nodes, Predicate<NodeId> passes) {
    return nodes.stream().filter(passes).count() > nodes.size() / 2;
  }

  /** The greatest position that a majority (of both sets if joint) has reached. */
  public Lsn quorumPosition(Function<NodeId, Lsn> position) {
    Lsn first = majorityPosition(members, position);
    if (newMembers.isEmpty()) {
      return first;
    }
    Lsn second = majorityPosition(newMembers, position);
    return first.isBefore(second) ? first : second;
  }

  private static Lsn majorityPosition(List<NodeId> nodes, Function<NodeId, Lsn> position) {
    List<Lsn> ascending = new ArrayList<>(nodes.stream().map(position).sorted().toList());
    int majority = nodes.size() / 2 + 1;
    return ascending.get(nodes.size() - majority);
  }
}
