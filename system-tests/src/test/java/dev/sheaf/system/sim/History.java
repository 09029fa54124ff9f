package dev.sheaf.system.sim;

import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/**
 * What one database should show at each timestamp, as its only writer knows it. A commit whose time
 * was never told leaves a stretch at which nobody can say.
 */
final class History {
  private final ShardId shard;
  private final Optional<History> parent;

  /** From each timestamp on; empty: unknown. */
  private final TreeMap<Timestamp, Optional<TreeMap<Long, Long>>> states = new TreeMap<>();

  private Timestamp settled;
  private boolean gone;

  /** A database without rows. */
  History(ShardId shard) {
    this.shard = shard;
    this.parent = Optional.empty();
    this.settled = Timestamp.ZERO;
    states.put(Timestamp.ZERO, Optional.of(new TreeMap<>()));
  }

  /** A branch. */
  History(ShardId shard, History parent, Timestamp at) {
    this.shard = shard;
    this.parent = Optional.of(parent);
    this.settled = at;
    states.putAll(parent.states.headMap(at, true));
  }

  ShardId shard() {
    return shard;
  }

  Optional<History> parent() {
    return parent;
  }

  /** No commit at or below it is to come. */
  Timestamp settled() {
    return settled;
  }

  /** Whether it is being deleted: whatever it answers is fine then. */
  boolean isGone() {
    return gone;
  }

  void delete() {
    gone = true;
  }

  /** The writer has a snapshot, and nothing under way. */
  void settle(Timestamp snapshot) {
    settled = snapshot;
  }

  void from(Timestamp timestamp, TreeMap<Long, Long> state) {
    states.put(timestamp, Optional.of(state));
  }

  void unknownAfter(Timestamp timestamp) {
    states.put(new Timestamp(timestamp.value() + 1), Optional.empty());
  }

  /** The rows at a settled timestamp; empty if nobody can say. */
  Optional<TreeMap<Long, Long>> at(Timestamp timestamp) {
    return states.floorEntry(timestamp).getValue();
  }

  TreeMap<Long, Long> present() {
    return states.lastEntry().getValue().orElseThrow();
  }

  /** A settled timestamp, the newest half of the time, others right before or at some change. */
  Timestamp any(Random random) {
    List<Timestamp> changes = new ArrayList<>(states.headMap(settled, true).keySet());
    if (changes.size() < 2 || random.nextBoolean()) {
      return settled;
    }
    // The recent ones, most of which must still be readable.
    int back = random.nextInt(Math.min(changes.size() - 1, 12));
    Timestamp change = changes.get(changes.size() - 1 - back);
    return random.nextInt(3) == 0 ? new Timestamp(change.value() - 1) : change;
  }

  /** All settled timestamps at which something changed. */
  List<Timestamp> changes() {
    return List.copyOf(states.headMap(settled, true).tailMap(Timestamp.ZERO, false).keySet());
  }
}
