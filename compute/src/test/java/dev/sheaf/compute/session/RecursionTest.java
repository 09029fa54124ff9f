package dev.sheaf.compute.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.rpc.sql.SqlSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** WITH RECURSIVE, and joins with LATERAL. */
class RecursionTest {
  private final SqlScript script = new SqlScript();

  @BeforeEach
  void tables() {
    script.run(
        """
        a: CREATE TABLE part (id INT PRIMARY KEY, whole INT, name TEXT) => ok
        a: INSERT INTO part VALUES (1, NULL, 'car'), (2, 1, 'engine'), (3, 1, 'wheel'), (4, 2, 'piston'), (5, 4, 'ring'), (6, 3, 'tyre') => #6
        a: CREATE TABLE edge (a INT, b INT) => ok
        a: INSERT INTO edge VALUES (1, 2), (2, 3), (3, 1), (3, 4), (5, 6) => #5
        """);
  }

  @AfterEach
  void close() {
    script.close();
  }

  @Test
  void stepsUntilNothingIsAdded() {
    script.run(
        """
        a: WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT n FROM t => 1; 2; 3; 4; 5
        a: WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 10000) SELECT count(*), sum(n) FROM t => 10000|50005000
        a: WITH RECURSIVE p AS (SELECT id, name, 0 AS depth FROM part WHERE whole IS NULL UNION ALL SELECT part.id, part.name, depth + 1 FROM part JOIN p ON part.whole = p.id) SELECT name, depth FROM p ORDER BY depth, name => car|0; engine|1; wheel|1; piston|2; tyre|2; ring|3
        a: WITH RECURSIVE p(id, path) AS (SELECT id, name FROM part WHERE id = 1 UNION ALL SELECT part.id, path || '/' || name FROM p, part WHERE whole = p.id) SELECT path FROM p WHERE id = 5 => car/engine/piston/ring
        a: WITH RECURSIVE r(x) AS (SELECT 1 UNION SELECT b FROM edge JOIN r ON a = x) SELECT x FROM r ORDER BY x => 1; 2; 3; 4
        a: WITH RECURSIVE r(x, y) AS (SELECT NULL::INT, 1 UNION SELECT x, y % 3 + 1 FROM r) SELECT * FROM r ORDER BY y => null|1; null|2; null|3
        a: WITH RECURSIVE f(n, a, b) AS (SELECT 1, 0::BIGINT, 1::BIGINT UNION ALL SELECT n + 1, b, a + b FROM f WHERE n < 20) SELECT a FROM f WHERE n = 20 => 4181
        a: WITH RECURSIVE e(n) AS (SELECT id FROM part WHERE id > 100 UNION ALL SELECT n + 1 FROM e) SELECT count(*) FROM e => 0
        a: WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT n FROM t LIMIT 3 OFFSET 4 => 5; 6; 7
        a: WITH RECURSIVE x AS (SELECT n * 2 AS m FROM y), y(n) AS (SELECT 3) SELECT m FROM x => 6
        a: WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 3), u(m) AS (SELECT n FROM t UNION ALL SELECT m + 10 FROM u WHERE m < 20) SELECT count(*), max(m), sum(m) FROM u => 9|23|108
        a: WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 3) SELECT a.n, b.n FROM t a JOIN t b ON a.n = b.n + 1 ORDER BY 1 => 2|1; 3|2
        a: SELECT name, (WITH RECURSIVE up(id, whole) AS (SELECT p.id, p.whole UNION ALL SELECT part.id, part.whole FROM part, up WHERE part.id = up.whole) SELECT count(*) FROM up) FROM part p ORDER BY id => car|1; engine|2; wheel|2; piston|3; ring|4; tyre|3
        a: WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL (WITH half AS (SELECT n FROM t) SELECT n + 2 FROM half WHERE n < 6)) SELECT n FROM t => 1; 3; 5; 7
        a: WITH RECURSIVE t(d) AS (SELECT 1.5 UNION ALL SELECT d * 2 FROM t WHERE d < 10) SELECT d FROM t => 1.5; 3.0; 6.0; 12.0
        a: INSERT INTO edge WITH RECURSIVE t(n) AS (SELECT 7 UNION ALL SELECT n + 1 FROM t WHERE n < 9) SELECT n, n FROM t => #3
        a: WITH RECURSIVE r AS (SELECT a, b, 1 AS d FROM edge WHERE a = 1 UNION ALL SELECT r.a, e.b, d + 1 FROM r LEFT JOIN edge e ON e.a = r.b WHERE d < 3) SELECT b, d FROM r ORDER BY d, b => 2|1; 3|2; 1|3; 4|3
        """);
  }

  @Test
  void whatIsNoRecursionIsRefused() {
    script.run(
        """
        a: WITH RECURSIVE t AS (SELECT n FROM t) SELECT * FROM t => !42P19 does not have the form
        a: WITH RECURSIVE t(n) AS (SELECT 1 INTERSECT SELECT n FROM t) SELECT * FROM t => !42P19 does not have the form
        a: WITH RECURSIVE t(n) AS (SELECT n FROM t UNION ALL SELECT 1) SELECT * FROM t => !42P19 must not appear within its non-recursive term
        a: WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT a.n FROM t a, t b) SELECT * FROM t => !42P19 must not appear more than once
        a: WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT (SELECT max(n) FROM t)) SELECT * FROM t => !42P19 must not appear within a subquery
        a: WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT a FROM edge WHERE a IN (SELECT n FROM t)) SELECT * FROM t => !42P19 must not appear within a subquery
        a: WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT a FROM edge LEFT JOIN t ON n = a) SELECT * FROM t => !42P19 must not appear within an outer join
        a: WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT a FROM t FULL JOIN edge ON n = a) SELECT * FROM t => !42P19 must not appear within an outer join
        a: WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL (SELECT a FROM edge EXCEPT SELECT n FROM t)) SELECT * FROM t => !42P19 must not appear within EXCEPT
        a: WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL (SELECT a FROM edge INTERSECT ALL SELECT n FROM t)) SELECT * FROM t => !42P19 must not appear within INTERSECT
        a: WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT count(*) FROM t) SELECT * FROM t => !42P19 aggregate functions are not allowed
        a: WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t ORDER BY 1) SELECT * FROM t => !0A000 ORDER BY in a recursive query
        a: WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t LIMIT 5) SELECT * FROM t => !0A000 LIMIT
        a: WITH RECURSIVE x AS (SELECT * FROM y), y AS (SELECT * FROM x) SELECT * FROM x => !0A000 mutual recursion
        a: WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 0.5 FROM t) SELECT * FROM t => !42804 column 1 has type
        a: WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT 'x'::TEXT FROM t) SELECT * FROM t => !42804
        a: WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n, n FROM t) SELECT * FROM t => !42601 same number of columns
        a: WITH t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT * FROM t => !42P01
        """);
  }

  @Test
  void recursionWithoutEndEndsInItsBounds() {
    script.run(
        """
        a: SET query_memory_mb = 16 => ok
        a: WITH RECURSIVE t(n, s) AS (SELECT 1, 'x' UNION SELECT n + 1, s || 'xxxxxxxxxxxxxxxx' FROM t) SELECT count(*) FROM t => !53200
        a: WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + m FROM t, (VALUES (0), (1)) v(m)) SELECT count(*) FROM t => !53200
        a: RESET query_memory_mb => ok
        """);
  }

  @Test
  void explainShowsTheRecursion() {
    SqlSession session = script.session("a");
    assertThat(
            SqlScript.outcome(
                session,
                "EXPLAIN WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT n FROM t"))
        .contains("Recursive t ALL")
        .contains("WorkingTable t");
  }

  @Test
  void lateralJoinsTakeAnyCondition() {
    script.run(
        """
        a: SELECT p.id, x.b FROM part p LEFT JOIN LATERAL (SELECT b FROM edge WHERE a = p.id) x ON x.b > 2 ORDER BY 1, 2 => 1|null; 2|3; 3|4; 4|null; 5|6; 6|null
        a: SELECT p.id, x.b FROM part p LEFT JOIN LATERAL (SELECT b FROM edge WHERE a = p.id) x ON x.b > p.id + 1 ORDER BY 1, 2 => 1|null; 2|null; 3|null; 4|null; 5|null; 6|null
        a: SELECT p.id, x.b FROM part p JOIN LATERAL (SELECT b, a AS id FROM edge WHERE a >= p.id) x USING (id) ORDER BY 1, 2 => 1|2; 2|3; 3|1; 3|4; 5|6
        a: SELECT id, x.b FROM part p LEFT JOIN LATERAL (SELECT b, a AS id FROM edge WHERE a >= p.id AND b < 4) x USING (id) ORDER BY 1, 2 => 1|2; 2|3; 3|1; 4|null; 5|null; 6|null
        a: SELECT id, b FROM part p NATURAL LEFT JOIN LATERAL (SELECT b, a AS id FROM edge WHERE b < 4 AND a <= p.id) x ORDER BY 1, 2 => 1|2; 2|3; 3|1; 4|null; 5|null; 6|null
        a: SELECT p.id, n FROM part p LEFT JOIN LATERAL (SELECT count(*) AS n FROM edge WHERE a = p.id) x ON n > 1 ORDER BY 1 => 1|null; 2|null; 3|2; 4|null; 5|null; 6|null
        a: SELECT * FROM part p RIGHT JOIN LATERAL (SELECT b FROM edge WHERE a = p.id) x ON TRUE => !42P10 must be INNER or LEFT
        a: SELECT * FROM part p FULL JOIN LATERAL (SELECT b FROM edge WHERE a = p.id) x ON TRUE => !42P10
        """);
  }
}
