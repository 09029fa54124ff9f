package dev.sheaf.systemtests.differential;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random queries over random tables give the rows that DuckDB gives. {@code -Ddiff.seed=N} runs one
 * seed, {@code -Ddiff.queries=M} more queries per seed, {@code -Ddiff.explain=SQL} tells what both
 * answer to a query over the seed's first tables.
 */
final class SqlDifferentialTest {
  private static final long FIXED_SEED = 20_241_122;

  @TempDir Path scratch;

  @Test
  void answersAsDuckDb() throws Exception {
    int queries = Integer.getInteger("diff.queries", 60);
    compare(duel -> duel.run(queries));
  }

  @Test
  void windowsAreAsInDuckDb() throws Exception {
    int queries = Integer.getInteger("diff.queries", 120);
    compare(duel -> duel.runWindows(queries));
  }

  private void compare(Consumer<Duel> queries) throws Exception {
    // Always the same seed unless one is chosen: a search for new faults is a run of its own.
    List<Long> seeds = List.of(Long.getLong("diff.seed", FIXED_SEED));
    List<String> failures = new ArrayList<>();
    Map<String, Integer> outcomes = new TreeMap<>();
    for (long seed : seeds) {
      try (Duel duel = new Duel(scratch.resolve("s" + seed), seed)) {
        String explain = System.getProperty("diff.explain");
        if (explain != null) {
          System.out.println(duel.explain(explain));
        }
        queries.accept(duel);
        failures.addAll(duel.failures());
        duel.outcomes().forEach((outcome, n) -> outcomes.merge(outcome, n, Integer::sum));
      }
    }
    System.out.println("diff.seed " + seeds + ": " + outcomes);
    assertThat(failures).isEmpty();
  }
}
