package dev.sheaf.control.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.control.placement.Move.Reason;
import dev.sheaf.control.placement.Observed.PageServer;
import dev.sheaf.control.placement.Observed.Shard;
import dev.sheaf.control.placement.SafekeeperChoice.Candidate;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlacementTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Placement PLACEMENT = new Placement(Placement.Rules.DEFAULT);

  private static ShardId shard(int number) {
    return ShardId.root(new DatabaseId("db-" + number));
  }

  /** A cluster in which moves are carried out, at once or not at all. */
  private static final class Cluster {
    final TreeMap<String, PageServer> nodes = new TreeMap<>();
    final TreeMap<ShardId, Shard> shards = new TreeMap<>();
    final Map<ShardId, Long> loads = new HashMap<>();
    long now;

    Observed observe() {
      var seen = new ArrayList<PageServer>();
      nodes.forEach((name, node) -> {
        long load =
            shards.values().stream()
                .filter(shard -> shard.assigned().equals(Optional.of(name)))
                .mapToLong(shard -> loads.getOrDefault(shard.shard(), 0L))
                .sum();
        seen.add(new PageServer(name, node.takesWork(), load, node.sinceNanos()));
      });
      return new Observed(now, seen, List.copyOf(shards.values()));
    }

    void node(String name, boolean takesWork) {
      nodes.put(name, new PageServer(name, takesWork, 0, now));
    }

    void add(int number) {
      ShardId shard = shard(number);
      shards.put(shard, new Shard(shard, Optional.empty(), Optional.empty(), now));
    }

    void carryOut(Move move, boolean opens) {
      Shard before = shards.get(move.shard());
      Optional<String> to = Optional.of(move.to());
      Optional<String> holder =
          opens ? to : before.holder().filter(name -> nodes.containsKey(name));
      shards.put(move.shard(), new Shard(move.shard(), to, holder, now));
    }

    void gone(String name) {
      nodes.remove(name);
      shards.replaceAll((id, shard) ->
          new Shard(
              id,
              shard.assigned(),
              shard.holder().filter(holder -> !holder.equals(name)),
              shard.sinceNanos()));
    }

    /** Until nothing moves for a minute. */
    void settle() {
      int quiet = 0;
      for (int step = 0; quiet < 60; step++) {
        assertThat(step).as("never comes to rest: %s", this).isLessThan(5_000);
        List<Move> moves = PLACEMENT.decide(observe());
        moves.forEach(move -> carryOut(move, true));
        quiet = moves.isEmpty() ? quiet + 1 : 0;
        now += SECOND;
      }
    }

    Map<String, Integer> counts() {
      var counts = new TreeMap<String, Integer>();
      nodes.keySet().forEach(name -> counts.put(name, 0));
      shards.values().forEach(s -> counts.merge(s.assigned().orElse("?"), 1, Integer::sum));
      return counts;
    }

    @Override
    public String toString() {
      return nodes + " " + shards.values();
    }
  }

  @Test
  void spreadsMovesLittleAndBackWhenNodesComeAndGo() {
    var cluster = new Cluster();
    for (int number = 0; number < 12; number++) {
      cluster.add(number);
    }
    assertThat(PLACEMENT.decide(cluster.observe())).as("nobody is there").isEmpty();
    cluster.node("a", true);
    cluster.node("b", true);
    cluster.settle();
    assertThat(cluster.counts()).isEqualTo(Map.of("a", 6, "b", 6));

    cluster.node("c", true);
    assertThat(PLACEMENT.decide(cluster.observe())).as("c has to stay for a while").isEmpty();
    cluster.settle();
    assertThat(cluster.counts()).isEqualTo(Map.of("a", 4, "b", 4, "c", 4));

    cluster.gone("b");
    List<Move> moves = PLACEMENT.decide(cluster.observe());
    assertThat(moves).hasSize(4).extracting(Move::reason).containsOnly(Reason.GONE);
    cluster.settle();
    assertThat(cluster.counts()).isEqualTo(Map.of("a", 6, "c", 6));

    cluster.node("c", false);
    moves = PLACEMENT.decide(cluster.observe());
    assertThat(moves).hasSize(6).extracting(Move::reason).containsOnly(Reason.DRAINING);
    assertThat(moves).extracting(Move::to).containsOnly("a");
    cluster.gone("a");
    assertThat(PLACEMENT.decide(cluster.observe())).as("only one that drains").isEmpty();
  }

  @Test
  void aBusyShardCountsForMany() {
    var cluster = new Cluster();
    cluster.node("a", true);
    for (int number = 0; number < 10; number++) {
      cluster.add(number);
    }
    cluster.loads.put(shard(3), 10_000L);
    cluster.settle();
    cluster.node("b", true);
    cluster.settle();
    // A page server tells one figure, so the busy shard is found by what moving shards leaves
    // behind.
    Optional<String> busy = cluster.shards.get(shard(3)).assigned();
    String other = busy.equals(Optional.of("a")) ? "b" : "a";
    assertThat(cluster.counts().get(other)).isGreaterThanOrEqualTo(5);
  }

  @Test
  void whoStillHasAShardKeepsItAndWhoCannotOpenItLosesIt() {
    var cluster = new Cluster();
    cluster.node("a", true);
    cluster.add(1);
    cluster.settle();
    cluster.node("b", true);
    cluster.carryOut(new Move(shard(1), Optional.of("a"), "b", Reason.BALANCE), false);
    cluster.gone("b");
    assertThat(PLACEMENT.decide(cluster.observe()))
        .containsExactly(new Move(shard(1), Optional.of("b"), "a", Reason.GONE));

    cluster.gone("a");
    cluster.node("c", true);
    cluster.carryOut(new Move(shard(1), Optional.of("b"), "c", Reason.GONE), false);
    cluster.now += 60 * SECOND;
    assertThat(PLACEMENT.decide(cluster.observe())).as("there is no other").isEmpty();
    cluster.node("d", true);
    assertThat(PLACEMENT.decide(cluster.observe()))
        .containsExactly(new Move(shard(1), Optional.of("c"), "d", Reason.STUCK));
  }

  /** Whatever happens: only to nodes that take work, only with a reason, and it comes to rest. */
  @Test
  void holdsItsPromisesInAnyHistory() {
    long seed = Long.getLong("seed", ThreadLocalRandom.current().nextLong());
    var random = new Random(seed);
    for (int run = 0; run < 200; run++) {
      var cluster = new Cluster();
      int names = 1 + random.nextInt(6);
      for (int step = 0; step < 60; step++) {
        String name = "n" + random.nextInt(names);
        switch (random.nextInt(6)) {
          case 0 -> cluster.node(name, true);
          case 1 -> cluster.node(name, false);
          case 2 -> cluster.gone(name);
          case 3 -> cluster.add(random.nextInt(1_000));
          case 4 -> cluster.loads.put(shard(random.nextInt(1_000)), random.nextLong(5_000));
          default -> cluster.now += random.nextLong(20 * SECOND);
        }
        check(cluster, PLACEMENT.decide(cluster.observe()), random, "-Dseed=" + seed);
      }
      cluster.loads.clear();
      cluster.node("n0", true);
      cluster.settle();
      List<Integer> counts =
          cluster.nodes.values().stream()
              .filter(PageServer::takesWork)
              .map(node -> cluster.counts().get(node.name()))
              .sorted()
              .toList();
      double mean = counts.stream().mapToInt(Integer::intValue).average().orElseThrow();
      assertThat(counts.getLast() - counts.getFirst())
          .as("-Dseed=%d: %s", seed, counts)
          .isLessThanOrEqualTo((int) Math.max(1, Math.ceil(mean / 4)));
    }
  }

  private static void check(Cluster cluster, List<Move> moves, Random random, String seed) {
    var moved = new HashSet<ShardId>();
    boolean anyUp = cluster.nodes.values().stream().anyMatch(PageServer::takesWork);
    for (Move move : moves) {
      Shard shard = cluster.shards.get(move.shard());
      assertThat(moved.add(move.shard())).as(seed).isTrue();
      assertThat(move.from()).as(seed).isEqualTo(shard.assigned());
      assertThat(cluster.nodes.get(move.to()).takesWork()).as(seed).isTrue();
      if (move.reason() != Reason.STUCK) {
        assertThat(move.from()).as(seed).isNotEqualTo(Optional.of(move.to()));
      }
      if (move.reason() == Reason.BALANCE) {
        assertThat(shard.isSettled()).as(seed).isTrue();
      }
    }
    for (Shard shard : cluster.shards.values()) {
      boolean placed =
          shard.assigned().map(cluster.nodes::get).filter(PageServer::takesWork).isPresent();
      if (anyUp && !placed) {
        assertThat(moved).as("%s: %s has no place", seed, shard).contains(shard.shard());
      }
    }
    moves.forEach(move -> cluster.carryOut(move, random.nextInt(4) != 0));
  }

  @ParameterizedTest
  @CsvSource({"3,3,3", "5,4,3", "9,9,3", "5,5,5", "1,1,1", "3,2,3", "2,2,3"})
  void choosesSafekeepersEvenly(int known, int up, int copies) {
    var candidates = new ArrayList<Candidate>();
    for (int number = 0; number < known; number++) {
      candidates.add(new Candidate("sk-" + number, number < up));
    }
    var counts = new TreeMap<String, Integer>();
    int logs = 3_000;
    for (int number = 0; number < logs; number++) {
      List<String> members = SafekeeperChoice.choose(shard(number), candidates, copies);
      assertThat(members).hasSize(Math.min(copies, known)).doesNotHaveDuplicates();
      assertThat(SafekeeperChoice.choose(shard(number), candidates, copies)).isEqualTo(members);
      members.forEach(member -> counts.merge(member, 1, Integer::sum));
    }
    int expected = logs * Math.min(copies, up) / up;
    for (int number = 0; number < up; number++) {
      assertThat(counts.get("sk-" + number)).isBetween(expected * 9 / 10, expected * 11 / 10);
    }
  }

  @ParameterizedTest
  @CsvSource({"3,1,3", "1,1,3", "0,0,1", "1,0,1", "4,4,2", "4,4,0"})
  void refusesALogThatCouldNotSurvive(int known, int up, int copies) {
    var candidates = new ArrayList<Candidate>();
    for (int number = 0; number < known; number++) {
      candidates.add(new Candidate("sk-" + number, number < up));
    }
    assertThatThrownBy(() -> SafekeeperChoice.choose(shard(1), candidates, copies))
        .isInstanceOf(SheafException.class);
  }
}
