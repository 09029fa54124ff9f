package dev.sheaf.system.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.system.sim.WovenCluster.Part;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Lives of a cluster, of a store that deletes, and of a log alone, under faults. {@code
 * -Dsim.seeds=N} and {@code -Dsim.from=K} choose which, {@code -Dsim.seed=N} repeats one, {@code
 * -Dsim.events=N} prints more of its last events.
 */
final class SimulationTest {
  private static final int WORKERS = 2;

  @ParameterizedTest
  @EnumSource(Part.class)
  void everyLifeKeepsEveryPromise(Part part) throws Exception {
    Long only = Long.getLong("sim.seed");
    long from = only == null ? Long.getLong("sim.from", 1) : only;
    long seeds = only == null ? Long.getLong("sim.seeds", part == Part.STORE ? 15 : 200) : 1;
    Map<String, Long> happened = run(part, from, seeds);
    if (only == null) {
      assertThat(happened.get("records acknowledged"))
          .as("the faults let the log make progress: %s", happened)
          .isGreaterThan(20 * seeds);
      assertThat(happened.get("terms")).as("owners change").isGreaterThan(seeds);
    }
  }

  private static Map<String, Long> run(Part part, long from, long seeds) throws Exception {
    var next = new AtomicLong(from);
    Callable<Map<String, Long>> worker =
        () -> {
          var cluster = new WovenCluster(part, List.of());
          var sums = new TreeMap<String, Long>();
          for (long seed = next.getAndIncrement();
              seed < from + seeds;
              seed = next.getAndIncrement()) {
            try {
              cluster.run(seed).forEach((what, count) -> sums.merge(what, count, Long::sum));
            } catch (AssertionError found) {
              next.set(from + seeds);
              throw new AssertionError(
                  found.getMessage()
                      + "\nalone: ./mvnw -Dfast -pl system-tests -am test -Dtest=SimulationTest"
                      + " -Dsurefire.failIfNoSpecifiedTests=false -Dadbc.skip=true -Dsim.seed="
                      + seed,
                  found);
            }
          }
          return sums;
        };
    var happened = new TreeMap<String, Long>();
    try (var threads = Executors.newFixedThreadPool(WORKERS)) {
      for (var sums : threads.invokeAll(List.of(worker, worker))) {
        sums.get().forEach((what, count) -> happened.merge(what, count, Long::sum));
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AssertionError found) {
        throw found;
      }
      throw e;
    }
    return happened;
  }

  /** In one JVM and with classes loaded anew: neither history nor addresses may matter. */
  @ParameterizedTest
  @EnumSource(Part.class)
  void oneSeedGivesOneLife(Part part) {
    var cluster = new WovenCluster(part, List.of());
    for (long seed = 1_000_001; seed <= 1_000_003; seed++) {
      Map<String, Long> first = cluster.run(seed);
      assertThat(cluster.run(seed)).as("seed %d again", seed).isEqualTo(first);
      assertThat(new WovenCluster(part, List.of()).run(seed))
          .as("seed %d in classes loaded anew", seed)
          .isEqualTo(first);
      assertThat(cluster.run(seed + 100).get("hash")).isNotEqualTo(first.get("hash"));
    }
  }
}
