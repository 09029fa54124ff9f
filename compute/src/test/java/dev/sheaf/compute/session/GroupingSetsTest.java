package dev.sheaf.compute.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.rpc.sql.SqlSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** GROUPING SETS, ROLLUP, CUBE and GROUPING: the rows that PostgreSQL gives. */
class GroupingSetsTest {
  private final SqlScript script = new SqlScript();

  @BeforeEach
  void table() {
    script.run(
        """
        a: CREATE TABLE s (id INT PRIMARY KEY, land TEXT, town TEXT, n INT) => ok
        a: INSERT INTO s VALUES (1, 'de', 'ulm', 1), (2, 'de', 'ulm', 2), (3, 'de', 'jena', 3), (4, 'fr', 'metz', 4), (5, 'fr', NULL, 5) => #5
        a: CREATE TABLE none (x INT, y INT) => ok
        """);
  }

  @AfterEach
  void close() {
    script.close();
  }

  @Test
  void setsGiveTheRowsOfEach() {
    script.run(
        """
        a: SELECT land, town, sum(n) FROM s GROUP BY GROUPING SETS ((land, town), (land), ()) ORDER BY land, town, 3 => de|jena|3; de|ulm|3; de|null|6; fr|metz|4; fr|null|5; fr|null|9; null|null|15
        a: SELECT land, town, sum(n) FROM s GROUP BY ROLLUP (land, town) ORDER BY land, town, 3 => de|jena|3; de|ulm|3; de|null|6; fr|metz|4; fr|null|5; fr|null|9; null|null|15
        a: SELECT land, n % 2 AS odd, count(*) FROM s GROUP BY CUBE (land, odd) ORDER BY 1, 2, 3 => de|0|1; de|1|2; de|null|3; fr|0|1; fr|1|1; fr|null|2; null|0|2; null|1|3; null|null|5
        a: SELECT land, count(*) FROM s GROUP BY GROUPING SETS ((land), (land), ()) ORDER BY 1, 2 => de|3; de|3; fr|2; fr|2; null|5
        a: SELECT land, count(*) FROM s GROUP BY DISTINCT GROUPING SETS ((land), (land)), ROLLUP (land) ORDER BY 1, 2 => de|3; fr|2
        a: SELECT land, town, count(*) FROM s GROUP BY land, ROLLUP (town) ORDER BY 1, 2, 3 => de|jena|1; de|ulm|2; de|null|3; fr|metz|1; fr|null|1; fr|null|2
        a: SELECT land, town, count(*) FROM s GROUP BY ROLLUP ((land, town)) ORDER BY 1, 2, 3 => de|jena|1; de|ulm|2; fr|metz|1; fr|null|1; null|null|5
        a: SELECT land, town, n, count(*) FROM s WHERE id < 3 GROUP BY GROUPING SETS (n, ROLLUP (land), GROUPING SETS (town, CUBE (land))) ORDER BY 1, 2, 3, 4 => de|null|null|2; de|null|null|2; null|ulm|null|2; null|null|1|1; null|null|2|1; null|null|null|2; null|null|null|2
        a: SELECT 1 + 1 AS two, sum(n) FROM s GROUP BY GROUPING SETS ((1 + 1), ()) ORDER BY 1 => 2|15; null|15
        """);
  }

  @Test
  void groupingTellsWhichKeysARowLacks() {
    script.run(
        """
        a: SELECT land, town, GROUPING(land), GROUPING(town), GROUPING(land, town), count(*) FROM s WHERE land = 'fr' GROUP BY CUBE (land, town) ORDER BY 5, 1, 2 => fr|metz|0|0|0|1; fr|null|0|0|0|1; fr|null|0|1|1|2; null|metz|1|0|2|1; null|null|1|0|2|1; null|null|1|1|3|2
        a: SELECT coalesce(land, 'all'), sum(n) FROM s GROUP BY ROLLUP (land) HAVING GROUPING(land) = 1 OR sum(n) > 6 ORDER BY GROUPING(land), 1 => fr|9; all|15
        a: SELECT GROUPING(n % 2), count(*) FROM s GROUP BY n % 2 ORDER BY 2 => 0|2; 0|3
        a: SELECT GROUPING(town) FROM s GROUP BY land => !42803 arguments to GROUPING must be grouping expressions
        a: SELECT GROUPING(land) FROM s => !42803 arguments to GROUPING
        a: SELECT land FROM s WHERE GROUPING(land) = 0 GROUP BY land => !42803 grouping operations are not allowed in WHERE
        a: SELECT GROUPING(DISTINCT land) FROM s GROUP BY land => !42601
        """);
  }

  @Test
  void setsWithoutKeysGiveARowOverNothing() {
    script.run(
        """
        a: SELECT x, count(*), sum(y) FROM none GROUP BY ROLLUP (x) => null|0|null
        a: SELECT count(*) FROM none GROUP BY GROUPING SETS ((), ()) => 0; 0
        a: SELECT count(*) FROM none GROUP BY () => 0
        a: SELECT x, count(*) FROM none GROUP BY GROUPING SETS ((x), (y)) => -
        a: SELECT x FROM none GROUP BY CUBE (x, y) => null
        a: SELECT 1 FROM none GROUP BY GROUPING SETS ((), (x)) HAVING count(*) = 0 => 1
        """);
  }

  @Test
  void columnsMustBeKeysOrDependOnKeysOfEverySet() {
    script.run(
        """
        a: SELECT id, land, town, count(*) FROM s WHERE id = 1 GROUP BY id, ROLLUP (town) ORDER BY 3 => 1|de|ulm|1; 1|de|null|1
        a: SELECT id, n FROM s GROUP BY GROUPING SETS ((id), (land)) => !42803 column "n"
        a: SELECT n FROM s GROUP BY ROLLUP (land) => !42803 column "n"
        a: SELECT land FROM s GROUP BY CUBE (id, id, id, id, id, id, id, id, id, id, id, id, id) => !54011 CUBE is limited to 12 elements
        a: SELECT land FROM s GROUP BY CUBE (id, land, town, n, 1+1, 2+2), CUBE (3+3, 4+4, 5+5, 6+6, 7+7, 8+8), ROLLUP (id) => !54001 too many grouping sets present (maximum 4096)
        a: SELECT land FROM s GROUP BY ROLLUP () => !42601
        a: SELECT count(*) FROM s GROUP BY CUBE (id, land, town, n, id % 2, id % 3, id % 4, id % 5, id % 6, n % 2, n % 3, n % 4) HAVING count(*) = 5 AND GROUPING(id) = 0 => -
        """);
  }

  @Test
  void allAggregatesWorkInAllSets() {
    script.run(
        """
        a: SELECT land, count(DISTINCT town), min(town), max(town), avg(n), bool_or(n = 5), sum(DISTINCT n % 2), count(*) FILTER (WHERE n > 2), stddev_pop(n) FROM s GROUP BY ROLLUP (land) ORDER BY 1 => de|2|jena|ulm|2.000000|false|1|1|0.816496580927726; fr|1|metz|metz|4.500000|true|1|2|0.5; null|3|jena|ulm|3.000000|true|1|3|1.4142135623730951
        a: SELECT land, length(string_agg(town, '')) FROM s GROUP BY CUBE (land) ORDER BY 1 => de|10; fr|4; null|14
        a: SELECT t.land, x.c FROM (SELECT DISTINCT land FROM s) t, LATERAL (SELECT town, count(*) AS c FROM s WHERE s.land = t.land GROUP BY ROLLUP (town)) x WHERE x.town IS NULL ORDER BY 1, 2 => de|3; fr|1; fr|2
        a: SELECT land, (SELECT count(*) FROM s u WHERE u.land = s.land) FROM s GROUP BY ROLLUP (land) ORDER BY 1 => de|3; fr|2; null|0
        a: SELECT * FROM (SELECT land, town, sum(n) AS total FROM s GROUP BY CUBE (land, town)) q WHERE land = 'de' ORDER BY town => de|jena|3; de|ulm|3; de|null|6
        a: SELECT q.land, q.total FROM (SELECT land, sum(n) AS total FROM s GROUP BY ROLLUP (land)) q JOIN (VALUES ('de')) v(l) ON q.land = v.l => de|6
        """);
  }

  @Test
  void explainShowsTheSets() {
    SqlSession session = script.session("a");
    assertThat(
            SqlScript.outcome(
                session,
                "EXPLAIN SELECT land, GROUPING(land, town), sum(n) FROM s GROUP BY ROLLUP (land, town)"))
        .contains("Aggregate by (land, town), (land), () grouping(land, town), sum(n)");
  }
}
