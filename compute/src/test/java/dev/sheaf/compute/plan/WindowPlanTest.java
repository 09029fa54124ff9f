package dev.sheaf.compute.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sheaf.compute.explain.PlanPrinter;
import dev.sheaf.compute.plan.check.PlanChecks;
import dev.sheaf.compute.sql.SqlParser;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How windows are bound and planned. */
class WindowPlanTest {
  private static final TestCatalog CATALOG =
      new TestCatalog()
          .with(
              """
              create table t (id bigint primary key, a integer, b text, d date, n decimal(15,2), f double precision);
              create table u (k integer primary key, w text);
              """);

  private static PlannedStatement plan(String sql) {
    PlannedStatement planned = Planner.plan(SqlParser.parse(sql), CATALOG, PlannerSettings.DEFAULT);
    assertThat(PlanChecks.violations(planned.plan()))
        .as(sql + "\n" + PlanPrinter.print(planned.plan(), null))
        .isEmpty();
    return planned;
  }

  private static String text(String sql) {
    return PlanPrinter.print(plan(sql).plan(), null);
  }

  private static long nodes(String plan, String name) {
    return plan.lines().filter(l -> l.strip().startsWith(name + " ")).count();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "42P20 | 23 | not allowed in WHERE              |              | select 1 from t where rank() over () = 1",
        "42P20 | 8  | cannot be nested                  |              | select sum(rank() over ()) over () from t",
        "42P20 | 26 | not allowed in GROUP BY           |              | select 1 from t group by rank() over ()",
        "42P20 | 30 | in window definitions             |              | select rank() over (order by lag(a) over ()) from t",
        "42P20 | 48 | not allowed in FILTER             |              | select count(*) filter (where (rank() over ()) > 1) over () from t",
        "42P20 | 47 | \"w\" is already defined          |              | select 1 from t window w as (order by a, id), w as ()",
        "42P20 | 39 | cannot override PARTITION BY      |              | select count(*) over (ww partition by id, a) from t window ww as (order by a)",
        "42P20 | 34 | cannot override ORDER BY          |              | select count(*) over (w order by id) from t window w as (order by a)",
        "42P20 | 22 | it has a frame clause             | parentheses  | select count(*) over (w) from t window w as (rows 1 preceding)",
        "42P20 | 27 | frame start cannot be UNBOUNDED   |              | select sum(a) over ( rows unbounded following) from t",
        "42P20 | 26 | requires an ORDER BY              |              | select max(a) over (     groups 1 preceding) from t",
        "42P20 | 39 | exactly one ORDER BY              |              | select 1 + sum(a) over (order by a, b range 1 preceding) from t",
        "42704 | 22 | window \"ww\" does not exist      | \"w\"        | select count(*) over ww from t window w as ()",
        "42809 | 8  | rank requires an OVER clause      |              | select rank() from t",
        "42809 | 8  | abs is not a window function      |              | select abs(a) over () from t",
        "42803 | 8  | cannot contain window function    |              | select sum(rank() over ()) from t",
        "42803 | 30 | \"a\" must appear in the GROUP BY |              | select rank() over (order by a) from t group by b",
        "42883 | 8  | function row_nmber() does not     | row_number   | select row_nmber() over () from t",
        "42883 | 8  | function lag(integer, integer, text) | argument types | select lag(a, 1, b) over () from t",
        "42P10 | 27 | must not contain variables        |              | select sum(a) over ( rows a preceding) from t",
        "42804 | 30 | must be type bigint, not type text |             | select sum(a) over ( rows 'x'::text preceding) from t",
        "0A000 | 8  | DISTINCT in a window function     |              | select count(distinct a) over () from t",
        "0A000 | 8  | FILTER                            |              | select rank() filter (where a > 1) over () from t",
        "0A000 | 15 | IGNORE NULLS                      |              | select lag(a) ignore nulls over () from t",
        "0A000 | 40 | offset of type integer from a column of type date | Cast | select sum(a) over (order by d   range 1 preceding) from t",
      })
  void refuses(String state, int column, String message, String hint, String sql) {
    SheafException error = catchThrowableOfType(SheafException.class, () -> plan(sql));
    assertThat(error).as(sql).isNotNull();
    assertThat(error.sqlState()).as(error.message()).isEqualTo(state);
    assertThat(error.message()).contains(message.strip());
    if (hint != null) {
      assertThat(error.hint()).contains(hint.strip());
    }
    assertThat(error.column()).as(error.message()).isEqualTo(column);
  }

  @Test
  void theNumberOfKeysIsBounded() {
    String keys =
        IntStream.rangeClosed(1, 1_001).mapToObj(i -> "a + " + i).collect(Collectors.joining(", "));
    SheafException error =
        catchThrowableOfType(
            SheafException.class, () -> plan("select rank() over (order by " + keys + ") from t"));
    assertThat(error.sqlState()).isEqualTo("54000");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "row_number()               | bigint",
        "dense_rank()               | bigint",
        "percent_rank()             | double precision",
        "cume_dist()                | double precision",
        "ntile(4)                   | integer",
        "lag(a)                     | integer",
        "lag(a, 1, 2.5)             | decimal(11\\,1)",
        "lead('x')                  | text",
        "nth_value(n, 2)            | decimal(15\\,2)",
        "sum(a)                     | bigint",
        "avg(n)                     | decimal(38\\,6)",
        "count(*)                   | bigint",
      })
  void functionsHaveTheTypesOfTheReference(String function, String type) {
    assertThat(plan("select " + function.strip() + " over () from t").result())
        .extracting(f -> f.type().toString())
        .containsExactly(type.replace("\\", "").strip());
  }

  @Test
  void nullsComeOnlyWhereTheyCan() {
    String sql =
        "select row_number() over (), count(a) over (), sum(a) over (), ntile(2) over () from t";
    assertThat(plan(sql).result())
        .extracting(Field::nullable)
        .containsExactly(false, false, true, false);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select sum(a) over (partition by b order by id), rank() over (partition by b order by id desc) from t",
        "select sum(a) over (order by a, b), rank() over (order by a, d) from t",
        "select sum(a) over (partition by a, b order by d), rank() over (partition by a, d order by b, id) from t",
        "select sum(a) over (order by a nulls first), rank() over (order by a) from t",
      })
  void ordersThatDifferAreSortedApart(String sql) {
    assertThat(nodes(text(sql), "Window")).as(text(sql)).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select sum(a) over (partition by b), rank() over (partition by b order by id) from t",
        "select sum(a) over (), rank() over (partition by b order by id), count(*) over (partition by b) from t",
        "select sum(a) over (order by a), rank() over (order by a, d), max(d) over () from t",
        "select sum(a) over (partition by a, b order by d), count(*) over (partition by b) from t",
        "select sum(a) over (partition by a), count(*) over (order by a desc, b) from t",
        "select sum(a) over (partition by a, b), count(*) over (partition by b order by a desc), rank() over (partition by b, a order by d) from t",
        "select sum(a) over (partition by a order by a, b), count(*) over (partition by a order by b) from t",
        "select sum(a) over w, max(a) over (w rows 2 preceding), count(*) over (partition by b) from t window w as (partition by b order by a)",
      })
  void ordersThatAreBeginningsOfOthersShareTheirSort(String sql) {
    assertThat(nodes(text(sql), "Window")).as(text(sql)).isEqualTo(1);
  }

  @Test
  void equalCallsAreComputedOnce() {
    String plan =
        text(
            "select sum(a) over w, sum(a) over (order by id) + 1 from t window w as (order by id)");
    assertThat(plan).containsOnlyOnce("sum(a)");
  }

  @Test
  void explainSaysWhatIsComputed() {
    String plan =
        text(
            "select rank() over (partition by b order by a desc), count(*) filter (where a > 1)"
                + " over (partition by b order by a desc, d rows between 2 preceding and"
                + " current row exclude ties) from t");
    assertThat(plan)
        .contains("Window by b, a desc, d")
        .contains("rank() over (partition by b order by a desc)")
        .contains("rows between 2 preceding and current row exclude ties");
    assertThat(text("select sum(n) over (order by d range interval '1' month preceding) from t"))
        .contains("sum(n) range between '1 mon' preceding and current row over (order by d)");
  }

  @Test
  void columnsThatNobodyReadsAreNotRead() {
    String plan =
        text(
            "select r from (select *, rank() over (order by a) as r,"
                + " sum(n) over (partition by b order by d) as s from t) q");
    assertThat(plan).contains("Scan public.t (a)").doesNotContain("sum(");
    assertThat(text("select a from (select a, rank() over (order by d) from t) q"))
        .contains("Scan public.t (a)")
        .doesNotContain("Window");
    assertThat(
            text(
                "select s from (select rank() over (partition by b order by a) as r,"
                    + " sum(n) over (partition by b) as s from t) q"))
        .contains("Window by b sum(n)")
        .contains("Scan public.t (b, n)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "rank() over (partition by b order by a) as r                       | b = 'x'             | filter (b = 'x')",
        "rank() over (partition by b, id order by a) as r                   | id > 5 and b = 'x'  | key range id > 5 filter",
        "rank() over (partition by b order by a) as r, count(*) over (partition by a, b) as c | b = 'x' | filter (b = 'x')",
        "max(r0) over (partition by b) as r from (select b, a, rank() over (partition by b, a) as r0 from t) t | b = 'x' | filter (b = 'x')",
      })
  void conditionsOnPartitionKeysReachTheScan(String item, String condition, String part) {
    String from = item.contains(" from ") ? "" : " from t";
    String plan =
        text("select * from (select b, a, " + idOf(item) + item + from + ") q where " + condition);
    assertThat(scan(plan)).as(plan).contains(part);
    assertThat(nodes(plan, "Filter")).as(plan).isZero();
  }

  private static String idOf(String item) {
    return item.contains(" from ") ? "" : "id, ";
  }

  private static String scan(String plan) {
    return plan.lines().filter(l -> l.contains("Scan")).collect(Collectors.joining());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select * from (select a, rank() over (partition by b order by a) as r from t) q where a = 1",
        "select * from (select b, rank() over (partition by b) as r, rank() over (partition by a) as s from t) q where b = 'x'",
        "select * from (select b, rank() over (partition by b) as r from t) q where b = 'x' or r = 1",
        "select * from (select b, rank() over (partition by b) as r from t) q where random() < 0.5",
      })
  void otherConditionsStayAbove(String sql) {
    String plan = text(sql);
    assertThat(scan(plan)).as(plan).doesNotContain("filter");
    assertThat(nodes(plan, "Filter")).as(plan).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "row_number() over (partition by b order by a) as r            | r <= 3             | first 3",
        "row_number() over (order by a) as r                           | r < 3              | first 3",
        "row_number() over (partition by b order by a) as r            | r = 1 and a > 2    | first 1",
        "rank() over (partition by b order by a) as r                  | 2 >= r             | first 2 with ties",
        "rank() over (partition by b order by a) as r                  | r between 2 and 4  | first 4 with ties",
        "row_number() over (partition by b order by a) as r            | r <= $1            | first $1",
        "rank() over w as r, sum(a) over w as s                        | r <= 2             | first 2 with ties",
        "row_number() over w as r, sum(a) over (w rows 5 preceding) as s, dense_rank() over w as k | r <= 2 | first 2",
        "row_number() over w as r, lag(a) over w as l                  | r <= 2             | first 2",
        "row_number() over w as r, count(*) over (order by d) as c     | r <= 2             | first 2",
      })
  void aBoundOnTheNumberLeavesOutRowsEarly(String item, String condition, String part) {
    String plan = text(numbered(item, condition));
    assertThat(plan).contains(part.strip() + "\n");
    assertThat(nodes(plan, "Filter")).as(plan).isEqualTo(1);
  }

  private static String numbered(String item, String condition) {
    return "select * from (select a, b, d, "
        + item
        + " from t window w as (partition by b order by a)) q where "
        + condition;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "row_number() over (partition by b order by a) as r                      | r >= 3",
        "row_number() over (partition by b order by a) as r                      | r <= a",
        "row_number() over (partition by b order by a) as r                      | r <= 3 or a = 1",
        "dense_rank() over (partition by b order by a) as r                      | r <= 3",
        "row_number() over w as r, sum(a) over w as s                            | r <= 2",
        "row_number() over w as r, lead(a) over w as s                           | r <= 2",
        "row_number() over w as r, lag(a, -1) over w as s                        | r <= 2",
        "rank() over w as r, percent_rank() over w as s                          | r <= 2",
        "rank() over w as r, count(*) over (partition by b) as s                 | r <= 2",
      })
  void noRowIsLeftOutThatAnotherFunctionLooksAt(String item, String condition) {
    assertThat(text(numbered(item, condition))).doesNotContain(" first ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select b, sum(sum(a)) over (order by b), rank() over (order by count(*)) from t group by b",
        "select b, count(*) over () from t group by b having count(*) > 1 order by rank() over (order by max(a))",
        "select distinct rank() over (order by a), b from t order by 1, 2",
        "select (select max(r) from (select rank() over (order by w) r from u where k = t.a) q) from t",
        "select * from t where a in (select rank() over (order by w) from u)",
        "select * from t where exists (select rank() over () from u where k = t.a)",
        "select * from t join (select k, lag(w) over (order by k) as l from u) v on v.k = t.a where v.l > 'x'",
        "select * from t, lateral (select row_number() over (order by k) from u where k = t.a) l",
        "select rank() over (order by (select max(k) from u where w = t.b)) from t",
        "select (select count(*) from u where k = r) from (select rank() over (order by a) as r, b from t) q",
        "with c as (select a, ntile(3) over (order by id) as g from t) select g, sum(a) from c group by g",
        "select rank() over (order by a) from t union all select k from u order by 1",
        "select *, count(*) over (partition by a order by a range 1 preceding) from t",
        "select sum(f) over (order by f range between '1' preceding and ? following) from t",
        "select sum(a) over (order by d range between '1 month' preceding and '2 days' following) from t",
        "select string_agg(b, ',') over (order by id rows 2 preceding exclude group) from t",
        "select row_number() over ()",
        "insert into u select row_number() over (order by id)::int, b from t",
        "select * from (select row_number() over (order by a) from t) q (n), u where n <= 3 and k = n",
      })
  void plansConsistently(String sql) {
    plan(sql);
  }
}
