package dev.sheaf.rpc.cluster;

import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Term;
import java.util.Optional;

/**
 * What the coordination store says about a shard.
 *
 * @param assigned the page server that should own it
 * @param assignedRevision of that entry, 0 if there is none: for a compare-and-set
 * @param holder the page server that owns it, as long as its lease lasts
 * @param term the newest that was granted; {@link Term#NONE} if none was
 * @param doomed whether everything of it is being deleted
 */
public record ShardFacts(
    ShardId shard,
    Optional<String> assigned,
    long assignedRevision,
    Optional<Holder> holder,
    Term term,
    boolean doomed) {

  /**
   * @param serving whether it answers requests
   */
  public record Holder(String node, boolean serving) {}

  /** Whom to ask: the holder, or else who is going to be. */
  public Optional<String> owner() {
    return holder.map(Holder::node).or(() -> assigned);
  }

  /** Whether this node has it. */
  public boolean isHeldBy(String node) {
    return holder.filter(found -> found.node().equals(node)).isPresent();
  }

  /** Whether somebody answers requests for it. */
  public boolean isServed() {
    return holder.filter(Holder::serving).isPresent();
  }
}
