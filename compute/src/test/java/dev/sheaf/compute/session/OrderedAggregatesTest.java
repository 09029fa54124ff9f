package dev.sheaf.compute.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.rpc.sql.SqlSession;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Aggregates with ORDER BY and WITHIN GROUP, of pairs, of bits, and estimates. */
class OrderedAggregatesTest {
  private final SqlScript script = new SqlScript();

  @BeforeEach
  void table() {
    script.run(
        """
        a: CREATE TABLE t (id INT PRIMARY KEY, g TEXT, w TEXT, d TEXT, x INT, y DOUBLE PRECISION) => ok
        a: INSERT INTO t VALUES (1, 'a', 'one', '-', 4, 1), (2, 'a', 'two', '+', 3, 2.5), (3, 'a', NULL, '*', 2, 3), (4, 'b', 'one', NULL, 1, 4), (5, 'b', 'one', '/', NULL, 5), (6, 'c', NULL, NULL, 7, NULL) => #6
        """);
  }

  @AfterEach
  void close() {
    script.close();
  }

  @Test
  void stringsComeInTheOrderThatIsAskedFor() {
    script.run(
        """
        a: SELECT g, string_agg(w, ',' ORDER BY id DESC) FROM t GROUP BY g ORDER BY g => a|two,one; b|one,one; c|null
        a: SELECT string_agg(w, ',' ORDER BY w DESC, id), string_agg(w, ';' ORDER BY x NULLS FIRST), string_agg(g, '') FILTER (WHERE x > 2) FROM t => two,one,one,one|one;one;two;one|aac
        a: SELECT string_agg(DISTINCT w, ','), string_agg(DISTINCT w, ',' ORDER BY w DESC) FROM t => one,two|two,one
        a: SELECT string_agg(DISTINCT w, ',' ORDER BY id) FROM t => !42P10 must appear in argument list
        a: SELECT g, string_agg(w, d ORDER BY id) FROM t GROUP BY g ORDER BY g => a|one+two; b|one/one; c|null
        a: SELECT string_agg(w, d ORDER BY id) FROM t => one+twoone/one
        a: SELECT any_value(w ORDER BY id DESC), any_value(x ORDER BY y DESC NULLS LAST) FROM t => one|1
        a: SELECT g, string_agg(w, ',' ORDER BY id DESC) FROM t GROUP BY ROLLUP (g) ORDER BY g => a|two,one; b|one,one; c|null; null|one,one,two,one
        a: SELECT sum(x ORDER BY id), count(* ) FROM t => 17|6
        a: SELECT count(w ORDER BY nowhere) FROM t => !42703
        a: SELECT upper(w ORDER BY id) FROM t => !42883 not an aggregate
        """);
  }

  @Test
  void percentilesAndModes() {
    script.run(
        """
        a: SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x), percentile_disc(0.5) WITHIN GROUP (ORDER BY x), percentile_disc(0.5) WITHIN GROUP (ORDER BY x DESC), mode() WITHIN GROUP (ORDER BY w) FROM t => 3|3|3|one
        a: SELECT g, percentile_cont(0.25) WITHIN GROUP (ORDER BY x), percentile_disc(1) WITHIN GROUP (ORDER BY w), mode() WITHIN GROUP (ORDER BY w DESC) FROM t GROUP BY g ORDER BY g => a|2.5|two|two; b|1|one|one; c|7|null|null
        a: SELECT percentile_cont(0) WITHIN GROUP (ORDER BY y DESC), percentile_cont(1) WITHIN GROUP (ORDER BY y DESC), percentile_cont(0.1) WITHIN GROUP (ORDER BY y) FROM t => 5|1|1.6
        a: SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x * INTERVAL '1' DAY) FILTER (WHERE g = 'a') FROM t => 3 days
        a: SELECT g, percentile_disc(length(g) / 2.0) WITHIN GROUP (ORDER BY id) FROM t GROUP BY g ORDER BY g => a|2; b|4; c|6
        a: SELECT percentile_disc(NULL) WITHIN GROUP (ORDER BY id) FROM t => null
        a: SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY id) FROM t WHERE id > 100 => null
        a: SELECT percentile_disc(1.5) WITHIN GROUP (ORDER BY id) FROM t => !22003 not between 0 and 1
        a: SELECT percentile_disc(x) WITHIN GROUP (ORDER BY id) FROM t => !42803 direct arguments
        a: SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY w) FROM t => !42883
        a: SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x, id) FROM t => !42883
        a: SELECT percentile_cont(0.5) FROM t => !42883
        a: SELECT percentile_cont(0.5, x) FROM t => !42809 WITHIN GROUP is required
        a: SELECT sum(x) WITHIN GROUP (ORDER BY x) FROM t => !42883
        a: SELECT sum() WITHIN GROUP (ORDER BY x) FROM t => !42809 sum is not an ordered-set aggregate
        a: SELECT percentile_cont(DISTINCT 0.5) WITHIN GROUP (ORDER BY x) FROM t => !42601
        a: SELECT g, percentile_cont(0.5) WITHIN GROUP (ORDER BY x) FROM t GROUP BY CUBE (g) ORDER BY g => a|3; b|1; c|7; null|3
        """);
  }

  @Test
  void pairsOfNumbers() {
    script.run(
        """
        a: SELECT regr_count(y, x), regr_avgx(y, x), regr_avgy(y, x), regr_sxx(y, x), regr_syy(y, x), regr_sxy(y, x) FROM t => 4|2.5|2.625|5|4.6875|-4.75
        a: SELECT corr(y, x), covar_pop(y, x), covar_samp(y, x), regr_slope(y, x), regr_intercept(y, x), regr_r2(y, x) FROM t => -0.9811557810392123|-1.1875|-1.5833333333333333|-0.95|5|0.9626666666666667
        a: SELECT g, regr_count(y, x), corr(y, x), covar_samp(y, x), covar_pop(y, x), regr_r2(y, x) FROM t WHERE g <> 'a' GROUP BY g ORDER BY g => b|1|null|null|0|null; c|0|null|null|null|null
        a: SELECT regr_r2(1, x), corr(DISTINCT 2, 3), regr_count(DISTINCT length(g), 1) FROM t => 1|null|1
        a: SELECT corr(w, x) FROM t => !42883
        a: SELECT corr(x) FROM t => !42883
        """);
  }

  @Test
  void bitsAndEstimates() {
    script.run(
        """
        a: SELECT bit_and(x), bit_or(x), bit_xor(x), bit_and(id), bit_xor(DISTINCT length(w)) FROM t => 0|7|3|0|3
        a: SELECT g, bit_or(x::BIGINT), bit_and(x::SMALLINT) FROM t GROUP BY g ORDER BY g => a|7|0; b|1|1; c|7|7
        a: SELECT bit_or(y) FROM t => !42883
        a: SELECT approx_count_distinct(w), approx_count_distinct(x), approx_count_distinct(NULL) FROM t => 2|5|0
        """);
  }

  @Test
  void estimatesOfManyValuesAreNear() {
    script.run("a: CREATE TABLE many (id INT PRIMARY KEY, v TEXT) => ok");
    for (int part = 0; part < 6; part++) {
      int from = part * 5_000;
      script.run(
          "a: INSERT INTO many VALUES "
              + IntStream.range(from, from + 5_000)
                  .mapToObj(i -> "(" + i + ", 'v" + i % 20_000 + "')")
                  .collect(Collectors.joining(", "))
              + " => #5000");
    }
    SqlSession session = script.session("a");
    long all =
        Long.parseLong(SqlScript.outcome(session, "SELECT approx_count_distinct(v) FROM many"));
    assertThat(all).isBetween(18_800L, 21_200L);
    String few =
        SqlScript.outcome(
            session, "SELECT approx_count_distinct(v) FROM many WHERE id < 200 GROUP BY id % 2");
    assertThat(few).isEqualTo("100; 100");
    String sets =
        SqlScript.outcome(
            session,
            "SELECT approx_count_distinct(id) FROM many GROUP BY ROLLUP (id % 3) ORDER BY 1 DESC LIMIT 1");
    assertThat(Long.parseLong(sets)).isBetween(28_200L, 31_800L);
  }
}
