package dev.sheaf.control.placement;

import dev.sheaf.control.placement.Move.Reason;
import dev.sheaf.control.placement.Observed.PageServer;
import dev.sheaf.control.placement.Observed.Shard;
import dev.sheaf.protocol.ShardId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Decides which shards should have another owner.
 *
 * <p>A shard weighs {@value #IDLE_WEIGHT} and its share of its page server's requests a second.
 * Shards without a page server that takes work go to the one with the least weight, all at once.
 * For balance alone few move at a time, and only when that pays: from the heaviest page server to
 * the lightest, a shard of at most half of their difference, which has to be a quarter of the
 * average at least; what moved or appeared lately stays. So no move is ever taken back by the next
 * decision, and each makes the weights more even.
 */
public final class Placement {
  /** What a shard costs that nobody uses, in requests a second. */
  static final long IDLE_WEIGHT = 50;

  private static final long SLACK_PERCENT = 25;
  private static final long PERCENT = 100;

  private final Rules rules;

  /**
   * @param settleNanos how long an assignment, and a page server, stays out of balancing
   * @param stuckNanos after this long a page server that has not taken a shard loses it to another
   * @param movesAtOnce shards under way at a time for balance
   */
  public record Rules(long settleNanos, long stuckNanos, int movesAtOnce) {
    public static final Rules DEFAULT = new Rules(10_000_000_000L, 30_000_000_000L, 4);
  }

  public Placement(Rules rules) {
    this.rules = rules;
  }

  /**
   * The moves to make now, at most one per shard, each to a page server that takes work. None if
   * there is no such page server.
   */
  public List<Move> decide(Observed observed) {
    var weights = new Weights(observed);
    if (weights.lightest(Set.of()).isEmpty()) {
      return List.of();
    }
    List<Move> moves = rehome(observed, weights);
    return moves.isEmpty() ? balance(observed, weights) : moves;
  }

  private List<Move> rehome(Observed observed, Weights weights) {
    record Homeless(Shard shard, Reason reason) {}
    var homeless = new ArrayList<Homeless>();
    for (Shard shard : observed.shards()) {
      reasonToLeave(shard, observed, weights)
          .ifPresent(reason -> homeless.add(new Homeless(shard, reason)));
    }
    homeless.sort(
        Comparator.comparingLong((Homeless h) -> weights.of(h.shard().shard()))
            .reversed()
            .thenComparing(h -> h.shard().shard()));
    var moves = new ArrayList<Move>();
    for (Homeless each : homeless) {
      Shard shard = each.shard();
      Set<String> avoided =
          each.reason() == Reason.STUCK ? Set.of(shard.assigned().orElseThrow()) : Set.of();
      // Whoever still has it can simply go on.
      Optional<String> target =
          shard
              .holder()
              .filter(holder -> weights.takesWork(holder) && !avoided.contains(holder))
              .or(() -> weights.lightest(avoided));
      target.ifPresent(to -> {
        weights.moved(shard.shard(), to);
        moves.add(new Move(shard.shard(), shard.assigned(), to, each.reason()));
      });
    }
    return moves;
  }

  private Optional<Reason> reasonToLeave(Shard shard, Observed observed, Weights weights) {
    if (shard.assigned().isEmpty()) {
      return Optional.of(Reason.NEW);
    }
    String assigned = shard.assigned().get();
    if (!weights.isThere(assigned)) {
      return Optional.of(Reason.GONE);
    }
    if (!weights.takesWork(assigned)) {
      return Optional.of(Reason.DRAINING);
    }
    boolean stuck =
        !shard.isSettled()
            && observed.nowNanos() - shard.sinceNanos() >= rules.stuckNanos()
            && weights.lightest(Set.of(assigned)).isPresent();
    return stuck ? Optional.of(Reason.STUCK) : Optional.empty();
  }

  private List<Move> balance(Observed observed, Weights weights) {
    var moves = new ArrayList<Move>();
    var moved = new HashSet<ShardId>();
    long room =
        rules.movesAtOnce() - observed.shards().stream().filter(s -> !s.isSettled()).count();
    while (moves.size() < room) {
      Optional<Move> next = nextForBalance(observed, weights, moved);
      if (next.isEmpty()) {
        break;
      }
      Move move = next.get();
      weights.moved(move.shard(), move.to());
      moved.add(move.shard());
      moves.add(move);
    }
    return moves;
  }

  private Optional<Move> nextForBalance(Observed observed, Weights weights, Set<ShardId> moved) {
    Set<String> newcomers = new HashSet<>();
    observed.pageServers().stream()
        .filter(node -> !isOld(observed, node.sinceNanos()))
        .forEach(node -> newcomers.add(node.name()));
    Optional<String> heaviest = weights.heaviest();
    Optional<String> lightest = weights.lightest(newcomers);
    if (heaviest.isEmpty() || lightest.isEmpty()) {
      return Optional.empty();
    }
    long gap = weights.of(heaviest.get()) - weights.of(lightest.get());
    if (gap < Math.max(IDLE_WEIGHT, weights.average() * SLACK_PERCENT / PERCENT)) {
      return Optional.empty();
    }
    return observed.shards().stream()
        .filter(shard -> shard.assigned().equals(heaviest) && !moved.contains(shard.shard()))
        .filter(shard -> shard.isSettled() && isOld(observed, shard.sinceNanos()))
        .filter(shard -> weights.of(shard.shard()) <= gap / 2)
        .max(
            Comparator.comparingLong((Shard shard) -> weights.of(shard.shard()))
                .thenComparing(Shard::shard, Comparator.reverseOrder()))
        .map(shard -> new Move(shard.shard(), heaviest, lightest.get(), Reason.BALANCE));
  }

  private boolean isOld(Observed observed, long sinceNanos) {
    return observed.nowNanos() - sinceNanos >= rules.settleNanos();
  }

  /** What each shard weighs, and what the shards of each page server that takes work do. */
  private static final class Weights {
    private final Map<ShardId, Long> shards = new HashMap<>();
    private final Map<ShardId, String> places = new HashMap<>();
    private final TreeMap<String, Long> workers = new TreeMap<>();
    private final Set<String> there = new HashSet<>();

    Weights(Observed observed) {
      var counts = new HashMap<String, Integer>();
      observed
          .shards()
          .forEach(shard -> shard.assigned().ifPresent(n -> counts.merge(n, 1, Integer::sum)));
      var shares = new HashMap<String, Long>();
      for (PageServer node : observed.pageServers()) {
        there.add(node.name());
        shares.put(node.name(), node.load() / Math.max(1, counts.getOrDefault(node.name(), 0)));
        if (node.takesWork()) {
          workers.put(node.name(), 0L);
        }
      }
      for (Shard shard : observed.shards()) {
        String node = shard.assigned().orElse("");
        long weight = IDLE_WEIGHT + shares.getOrDefault(node, 0L);
        shards.put(shard.shard(), weight);
        places.put(shard.shard(), node);
        workers.computeIfPresent(node, (name, sum) -> sum + weight);
      }
    }

    long of(ShardId shard) {
      return shards.getOrDefault(shard, IDLE_WEIGHT);
    }

    long of(String node) {
      return workers.getOrDefault(node, 0L);
    }

    boolean isThere(String node) {
      return there.contains(node);
    }

    boolean takesWork(String node) {
      return workers.containsKey(node);
    }

    long average() {
      long sum = workers.values().stream().mapToLong(Long::longValue).sum();
      return workers.isEmpty() ? 0 : sum / workers.size();
    }

    Optional<String> lightest(Set<String> avoided) {
      return workers.entrySet().stream()
          .filter(node -> !avoided.contains(node.getKey()))
          .min(Map.Entry.comparingByValue())
          .map(Map.Entry::getKey);
    }

    Optional<String> heaviest() {
      return workers.entrySet().stream().max(Map.Entry.comparingByValue()).map(Map.Entry::getKey);
    }

    void moved(ShardId shard, String to) {
      long weight = of(shard);
      workers.computeIfPresent(places.getOrDefault(shard, ""), (name, sum) -> sum - weight);
      workers.merge(to, weight, Long::sum);
      places.put(shard, to);
    }
  }
}
