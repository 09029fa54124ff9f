package dev.sheaf.control.cluster;

import dev.sheaf.control.placement.SafekeeperChoice;
import dev.sheaf.control.placement.SafekeeperChoice.Candidate;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.rpc.cluster.NodeInfo;
import dev.sheaf.rpc.cluster.NodeRegistry;
import dev.sheaf.rpc.cluster.NodeRole;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Chooses the members of new logs, and substitutes for lost ones, among the safekeepers that this
 * process knows: those that are registered, and those that were and may come back. Thread-safe.
 */
public final class KnownSafekeepers {
  private final NodeRegistry nodes;
  private final int copies;

  /** Names of all safekeepers that ever were there; as many as people give names. */
  private final Set<String> seen = new HashSet<>();

  /**
   * @param copies members of each log, an odd number
   */
  public KnownSafekeepers(NodeRegistry nodes, int copies) {
    this.nodes = nodes;
    this.copies = copies;
    remember();
    nodes.onChange(this::remember);
  }

  private synchronized void remember() {
    nodes.with(NodeRole.SAFEKEEPER).forEach(node -> seen.add(node.name()));
  }

  /** Those that are up and are no members of the shard's log yet, the best for it first. */
  public List<String> substitutes(ShardId shard, Set<String> members) {
    var free = new HashSet<>(up());
    free.removeAll(members);
    return SafekeeperChoice.ranked(shard, free);
  }

  private Set<String> up() {
    return nodes.all().stream()
        .filter(node -> node.isUp(NodeRole.SAFEKEEPER))
        .map(NodeInfo::name)
        .collect(Collectors.toSet());
  }

  /** As {@link SafekeeperChoice#choose}. */
  public synchronized List<String> choose(ShardId shard) {
    Set<String> up = up();
    List<Candidate> known =
        seen.stream().map(name -> new Candidate(name, up.contains(name))).toList();
    return SafekeeperChoice.choose(shard, known, copies);
  }
}
