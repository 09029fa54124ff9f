package dev.sheaf.compute.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sheaf.compute.explain.PlanPrinter;
import dev.sheaf.compute.plan.check.PlanChecks;
import dev.sheaf.compute.sql.SqlParser;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlannerTest {
  private static final TestCatalog CATALOG =
      new TestCatalog()
          .with(
              """
              create table t (id bigint primary key, a integer, b text not null default 'x',
                d date, n decimal(15,2), f double precision, ts timestamptz, u uuid, ok boolean,
                c char(5), v varchar(3), s smallint default 7, check (a > 0));
              create table u (k1 integer, k2 text, w integer not null, x text, primary key (k1, k2));
              create table h (p integer, q integer not null);
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "42P01 | 15 | relation \"tt\" does not exist     | Did you mean \"t\"? | select * from tt",
        "3F000 | 15 | schema \"pubic\" does not exist    | \"public\"          | select * from pubic.t",
        "42703 | 8  | column \"bb\" does not exist       | Did you mean \"b\"? | select bb from t",
        "42703 | 8  | column \"t.zz\" does not exist     |                     | select t.zz from t",
        "42P01 | 8  | missing FROM-clause entry          |                     | select z.a from t",
        "42702 | 8  | \"a\" is ambiguous                 | Qualify             | select a from t, t as x",
        "42712 | 16 | specified more than once           |                     | select 1 from t, t",
        "42883 | 8  | function lowr(text) does not exist | \"lower\"           | select lowr(b) from t",
        "42883 | 8  | function lower(integer) does       | argument types      | select lower(a) from t",
        "42883 | 10 | integer + boolean                  | casts               | select a + ok from t",
        "42883 | 25 | integer = text                     | casts               | select 1 from t where a = b",
        "42804 | 23 | must be type boolean, not type integer | | select 1 from t where a",
        "42804 | 8  | CASE types integer and text        |                     | select case when ok then a else b end from t",
        "42804 | 17 | UNION types integer and boolean    |                     | select a from t union select ok from t",
        "42601 | 17 | same number of columns             |                     | select a from t union select a, b from t",
        "42803 | 8  | \"a\" must appear in the GROUP BY  |                     | select a, count(*) from t",
        "42803 | 23 | not allowed in WHERE               |                     | select 1 from t where count(*) > 1",
        "42803 | 12 | not allowed in the argument        |                     | select sum(sum(a)) from t",
        "42P10 | 26 | position 3 is not in select        |                     | select a from t order by 3",
        "42P10 | 35 | must appear in select list         |                     | select distinct a from t order by b",
        "42601 | 8  | only one column                    |                     | select (select 1, 2)",
        "42601 | 25 | too many columns                   |                     | select 1 from t where a in (select 1, 2)",
        "22007 | 27 | invalid input syntax               |                     | select 1 from t where d = 'nope'",
        "22P02 | 27 | invalid input syntax               |                     | select 1 from t where a = '1x'",
        "22P02 | 27 | invalid input syntax               |                     | select 1 from t where u = 'zz'",
        "22003 | 8  | out of range                       |                     | select 1e400",
        "2201W | 23 | must not be negative               |                     | select 1 from t limit -1",
        "42804 | 18 | of type integer but expression is of type text | cast    | update t set a = b || 'x'",
        "42703 | 14 | \"zz\" of relation \"t\"           |                     | update t set zz = 1",
        "42601 | 21 | multiple assignments               |                     | update t set a = 1, a = 2",
        "42601 | 31 | more expressions than              |                     | insert into t (id) values (1, 2)",
        "42701 | 20 | specified more than once           |                     | insert into t (id, id) values (1, 2)",
        "42P10 | 29 | no unique constraint               |                     | insert into h values (1, 2) on conflict (p) do nothing",
        "42501 | 13 | system table                       |                     | delete from information_schema.tables",
        "42P01 | 15 | relation \"information_schema.table\" | \"tables\"       | select * from information_schema.table",
        "0A000 | 32 | outer join                         |                     | select 1 from t left join u on exists (select 1)",
        "42601 | 8  | no tables specified                |                     | select *",
        "42846 | 9  | cannot cast type date to integer   |                     | select d::int from t",
        "22023 | 8  | not recognized                     |                     | select extract(foo from d) from t",
      })
  void refuses(String state, int column, String message, String hint, String sql) {
    SheafException error = catchThrowableOfType(SheafException.class, () -> plan(sql));
    assertThat(error).as(sql).isNotNull();
    assertThat(error.sqlState()).as(error.message()).isEqualTo(state);
    assertThat(error.message()).contains(message.strip());
    if (hint != null) {
      assertThat(error.hint()).contains(hint.strip());
    }
    assertThat(error.line()).isEqualTo(1);
    assertThat(error.column()).as(error.message()).isEqualTo(column);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "1                          | integer",
        "3000000000                 | bigint",
        "-9223372036854775808       | bigint",
        "1.50                       | decimal(3,2)",
        "1e3                        | decimal(4,0)",
        "'x'                        | text",
        "null                       | text",
        "a / 2                      | integer",
        "a + s                      | integer",
        "a + id                     | bigint",
        "n + a                      | decimal(16,2)",
        "n * n                      | decimal(30,4)",
        "n / 3                      | decimal(38,6)",
        "n % 3                      | decimal(15,2)",
        "n + f                      | double precision",
        "2 ^ 3                      | double precision",
        "-n                         | decimal(15,2)",
        "d + 1                      | date",
        "d - d                      | integer",
        "d + interval '1' month     | date",
        "d - interval '2' day       | date",
        "d + interval '2' hour      | timestamp",
        "ts - ts                    | interval day to second",
        "ts + interval '1' hour     | timestamp with time zone",
        "interval '1' day * 3       | interval day to second",
        "now() - '1 day'            | timestamp with time zone",
        "concat(b, a)               | text",
        "coalesce(a, 1.5)           | decimal(11,1)",
        "greatest(d, '2020-01-01')  | date",
        "nullif(a, 0)               | integer",
        "case when ok then 1 end    | integer",
        "case when ok then null else n end | decimal(15,2)",
        "round(n, 1)                | decimal(15,1)",
        "round(n)                   | decimal(14,0)",
        "ceil(f)                    | double precision",
        "abs(a)                     | integer",
        "length(v)                  | integer",
        "extract(year from d)       | bigint",
        "date_trunc('month', ts)    | timestamp with time zone",
        "upper(c)                   | text",
        "n::int                     | integer",
        "'7'::bigint                | bigint",
        "gen_random_uuid()          | uuid",
        "a = any (select w from u)  | boolean",
        "(select max(w) from u)     | integer",
        "a between '1' and '2'      | boolean",
        "u = '00000000-0000-0000-0000-000000000000' | boolean",
        "concat(a, b, null)         | text",
        "id in (1, 2, null)         | boolean",
        "mod(id, 2)                 | bigint",
        "position('a' in b)         | integer",
        "trim(leading 'x' from b)   | text",
      })
  void typesExpressions(String expression, String type) {
    assertThat(plan("select " + expression + " from t").result().getFirst().type())
        .hasToString(type);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "count(*)         | bigint",
        "sum(s)           | bigint",
        "sum(a)           | bigint",
        "sum(id)          | decimal(38,0)",
        "sum(n)           | decimal(38,2)",
        "sum(f)           | double precision",
        "avg(a)           | decimal(38,6)",
        "avg(n)           | decimal(38,6)",
        "avg(f)           | double precision",
        "min(d)           | date",
        "bool_and(ok)     | boolean",
        "every(ok)        | boolean",
        "stddev(a)        | double precision",
        "string_agg(b, ',') | text",
        "any_value(u)     | uuid",
        "max(b)           | text",
        "count(distinct a) filter (where ok) | bigint",
        "sum(a) / count(*) | bigint",
      })
  void typesAggregates(String expression, String type) {
    assertThat(plan("select " + expression + " from t").result().getFirst().type())
        .hasToString(type);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "select b from t where id = ?                    | bigint",
        "select ? from t                                 | text",
        "select a + ? from t                             | integer",
        "select b from t where d > ? and n < ?           | date, decimal(15,2)",
        "select b from t where a in (?, ?)               | integer, integer",
        "select b from t where b like ?                  | text",
        "insert into t (id, v, n) values (?, ?, ?)       | bigint, text, decimal(15,2)",
        "update t set a = ? where id = ?                 | integer, bigint",
        "select b from t where $2 = a and $1 = id        | bigint, integer",
        "select b from t limit ? offset ?                | bigint, bigint",
        "select coalesce(?, a) from t                    | integer",
        "select ?::date                                  | date",
        "select case when ok then ? else 1.5 end from t  | decimal(2,1)",
      })
  void infersParameters(String sql, String types) {
    assertThat(
            plan(sql).parameters().stream()
                .map(Field::type)
                .map(SqlType::toString)
                .collect(Collectors.joining(", ")))
        .isEqualTo(types);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "select b from t where id = 5                     | KeyLookup public.t (b) key (5)",
        "select b from t where id = $1 and a > 1          | KeyLookup public.t (a, b) key ($1) filter (a > 1)",
        "select b from t where id in (1, 2)               | KeyLookup public.t (b) 2 keys",
        "select b from t where id = $1 or id = $2         | KeyLookup public.t (b) 2 keys",
        "select x from u where k1 = 1 and k2 in ('a','b') | KeyLookup public.u (x) 2 keys",
        "select x from u where k1 = 1 and k2 > 'a'        | key range k1 = 1 and k2 > 'a' filter",
        "select b from t where id between 3 and 9         | key range id >= 3 and id <= 9 filter",
        "select b from t where 3 < id                     | key range id > 3 filter",
        "select b from t order by a limit 3               | TopN by $sort1 limit 3",
        "select b from t where d >= date '2020-01-31' + interval '1' month | filter (d >= '2020-02-29')",
        "select b from t where n > 5                      | filter (n > 5.00)",
        "select count(*) from t                           | Scan public.t (id) ~",
        "update t set a = 1 where id = 2                  | KeyLookup public.t (id, a, b, d, n, f, ts, u, ok, c, v, s, $key) key (2)",
        "select * from t where c = 'ab'                   | filter (c = 'ab')",
        "select 1 from t where false                      | Values 0 rows",
        "select a from t intersect all select w from u    | INTERSECT ALL",
        "select b from t for system_time as of '2020-01-01 00:00:00+00' | as of cast(",
      })
  void choosesAccess(String sql, String part) {
    assertThat(text(sql)).contains(part.strip());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select * from t where exists (select 1 from u where w = a)",
        "select * from t where not exists (select 1 from u where w = a and x > b)",
        "select * from t where a in (select w from u where x = b)",
        "select * from t where a not in (select w from u where x = b)",
        "select * from t where a not in (select k1 from u)",
        "select * from t where (a, b) not in (select k1, k2 from u)",
        "select (select max(w) from u where k1 = a) from t",
        "select (select count(*) from u where k1 = a) from t",
        "select (select x from u where k1 = a) from t",
        "select a in (select w from u), a > all (select w from u) from t",
        "select * from t where a > (select avg(w) from u where k2 = b) or ok",
        "select * from t where a = (select w from u where k1 = a and k2 = b)",
        "select * from t where exists (select 1 from u where w = a group by x having count(*) > 1)",
        "select * from t where exists (select 1 from u where w > a limit 1)",
        "select * from t where a < any (select w from u)",
        "select sum(a) from t group by b having sum(a) > (select max(w) from u where x = b)",
        "select * from t, lateral (select * from u where k1 = t.a order by w limit 2) l",
        "select * from t left join lateral (select max(w) as m from u where k1 = t.a) l on true",
        "select * from t where exists (select 1 from u where k1 = a and exists (select 1 from h where p = w"
            + " and q = t.a))",
        "select * from t full join u on a = k1 where b is null",
        "select * from t left join u on a = k1 and n > 5 right join h on h.p = t.a",
        "select * from h a join h b using (p) join h c using (p)",
        "select p from h group by p having count(*) > 1 union all select 1 order by 1",
        "select distinct a, b from t order by b desc limit 2",
        "select t.*, count(*) from t join u on a = k1 group by id",
        "select b, a + 1, count(*) from t group by b, a + 1 order by a + 1, max(n)",
        "with r as (select a from t), r2 (z) as (select a + 1 from r) select * from r, r2 where z = a",
        "select * from (values (1, 'a'), (2, null)) v (x, y) join t on id = x",
        "select 1 where exists (select 1 from h)",
        "select table_name from information_schema.tables where table_schema = 'public'",
        "insert into t (id, a) values (1, 2), (3, default) on conflict (id) do update set a = excluded.a +"
            + " t.a, b = default where t.a < 5 returning id, a * 2 as twice",
        "insert into t (id, b) select k1, x from u",
        "insert into t (id, b) values (1, (select max(x) from u))",
        "insert into h select p, q from h union select 1, null",
        "update t set (a, b) = (1, 'y'), n = (select max(w) from u where k1 = a) where ok returning *",
        "update t set id = id + 1, a = default",
        "delete from t where a in (select w from u) returning b",
        "delete from h",
        "select null union select 1",
        "select 'a' union all select b from t except select 'c'",
        "select a from t group by 1 order by count(*)",
        "select random() < 0.5, a from t where random() < 0.5",
        "select * from t a, t b, t c, t d, u, h where a.id = b.id and b.id = c.id and c.id = d.id and"
            + " d.a = u.k1 and u.w = h.q and a.id = 4",
        "select max(a) filter (where ok), count(distinct b) from t",
        "select case a when 1 then 'x' when 2 then 'yy' end from t",
        "select count(*) from t where a is not distinct from null",
        "select 1 from t where a in (1, null) and b not in ('x') and n in (1, 2.5)",
        "select b from t where $1",
        "select (select sum(w) from u where k1 = t.a and k2 in (select b from t t2 where t2.id = t.id)) from t",
      })
  void plansConsistently(String sql) {
    plan(sql);
  }

  @Test
  void decorrelatesScalarAndExistentialSubqueries() {
    assertThat(text("select (select max(w) from u where k1 = a) from t"))
        .doesNotContain("Correlate");
    assertThat(text("select * from t where exists (select 1 from u where w = a and x > b)"))
        .contains("HashJoin SEMI on a = w");
    assertThat(text("select * from t where a not in (select w from u)"))
        .contains("HashJoin ANTI on a = w");
    assertThat(text("select * from t left join u on a = k1 where w > 3")).contains("INNER");
  }

  @Test
  void commonPartsOfOrBecomeJoinKeys() {
    assertThat(text("select * from t, u where (a = k1 and b = 'x') or (a = k1 and x = 'y')"))
        .contains("HashJoin INNER on a = k1");
  }

  @Test
  void alternativesOverTwoTablesFilterEachOfThem() {
    String plan =
        text(
            "select count(*) from t, u where t.a = u.k1"
                + " and ((t.b = 'x' and u.x = 'y') or (t.b = 'y' and u.x = 'x'))");
    assertThat(plan.lines().filter(line -> line.contains("Scan")))
        .as(plan)
        .hasSize(2)
        .allMatch(line -> line.contains("'x'") && line.contains("'y'"));
  }

  @Test
  void checksDefaultsAndConditions() {
    assertThat(Planner.checkDefault("1 + 1", SqlType.BIGINT, CATALOG).type())
        .isEqualTo(SqlType.BIGINT);
    assertThat(Planner.checkCondition("a > 0 and b <> ''", CATALOG.table("t"), CATALOG).type())
        .isEqualTo(SqlType.BOOLEAN);
    assertThat(state(() -> Planner.checkDefault("a", SqlType.BIGINT, CATALOG))).isEqualTo("42P10");
    assertThat(state(() -> Planner.checkDefault("true", SqlType.BIGINT, CATALOG)))
        .isEqualTo("42804");
    assertThat(state(() -> Planner.checkCondition("zz > 0", CATALOG.table("t"), CATALOG)))
        .isEqualTo("42703");
    assertThat(state(() -> Planner.checkCondition("count(*) > 0", CATALOG.table("t"), CATALOG)))
        .isEqualTo("42803");
  }

  private static String state(Runnable action) {
    return catchThrowableOfType(SheafException.class, action::run).sqlState();
  }

  @Test
  void manyWithQueriesThatReferToEachOtherAreRefused() {
    var sql = new StringBuilder("with c0 as (select 1 as x)");
    for (int i = 1; i < 40; i++) {
      sql.append(", c%d as (select a.x from c%d a, c%d b)".formatted(i, i - 1, i - 1));
    }
    assertThat(state(() -> plan(sql + " select * from c39"))).isEqualTo("54001");
  }

  @Test
  void longListsAndChainsPlan() {
    String numbers = ", 1".repeat(20_000);
    assertThat(text("select b from t where a in (1" + numbers + ")")).contains("in(a");
    assertThat(text("select b from t where " + "a = 1 or ".repeat(10_000) + "a = 2"))
        .contains("Scan");
  }
}
