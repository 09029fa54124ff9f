package dev.sheaf.compute.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sheaf.compute.sql.ParsedStatement.AlterAction;
import dev.sheaf.compute.sql.ParsedStatement.AlterTable;
import dev.sheaf.compute.sql.ParsedStatement.Begin;
import dev.sheaf.compute.sql.ParsedStatement.CopyFormat;
import dev.sheaf.compute.sql.ParsedStatement.CopyFrom;
import dev.sheaf.compute.sql.ParsedStatement.CopyTo;
import dev.sheaf.compute.sql.ParsedStatement.CreateTable;
import dev.sheaf.compute.sql.ParsedStatement.Explain;
import dev.sheaf.compute.sql.ParsedStatement.Insert;
import dev.sheaf.compute.sql.ParsedStatement.Isolation;
import dev.sheaf.compute.sql.ParsedStatement.Query;
import dev.sheaf.compute.sql.ParsedStatement.SetVariable;
import dev.sheaf.compute.sql.ParsedStatement.Show;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.SqlType;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ParserTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "select 1",
        "select 1;",
        " ( select 1 ) ",
        "select a, b as c, d e from t x where a = 1 and not b or c is not null",
        "select (select 1), ((select 2) union select 3), ((1 + 2)) * 3, (1, 2) = (3, 4)",
        "select * from ((select 1) union (select 2)) as u (a)",
        "select * from (a join b on a.x = b.x) left join c using (y) natural join d cross join e",
        "select t.*, s.t.* from s.t, lateral (select 1) l",
        "select count(*), count(distinct a), sum(b) filter (where c > 0), string_agg(d, ',') from t"
            + " group by 1, a having count(*) > 1 order by 1 desc nulls last limit 5 offset 2",
        "select 1 order by 1 offset 3 rows fetch first 2 rows only",
        "with a as (select 1), b (x) as materialized (values (1), (2)) select * from a, b",
        "select case a when 1 then 'x' else 'y' end, case when a then b end",
        "select cast(a as numeric(10,2)), a::text::varchar(5), date '2020-01-01', timestamp with"
            + " time zone '2020-01-01 00:00:00+00', interval '1-2' year to month, interval '3 days'",
        "select extract(year from d), substring(s from 2 for 3), substring(s, 2), trim(both 'x' from"
            + " s), trim(s), position('a' in s), current_date, current_timestamp(6)",
        "select a in (1, 2), a not in (select 1), a between 1 and 2 and b, a not like 'x' escape"
            + " '!', a ilike 'b', a = any (select 1), a <> all (select 2), exists (select 1)",
        "select -1 ^ 2, a || b, a % 2, a != b, a is distinct from b, a isnull",
        "select left(a, 1), right(b, 2), \"Mixed Case\", year, value, \"x\"\"y\" from t",
        "select * from t for system_time as of '2020-01-01' as x",
        "select $1, $2::int, $1",
        "values (1, default), (2, 3)",
        "table t",
        "select E'a\\n\\x41\\u00e9''b', $$it's$$, $tag$ $$ $tag$ /* a /* nested */ b */ -- end",
        "insert into t default values returning *",
        "insert into s.t as x (a, b) values (1, default) on conflict (a) do update set b ="
            + " excluded.b, (c, d) = (1, 2) where x.b < 3 returning a, b + 1 as c",
        "insert into t select * from u on conflict do nothing",
        "update t as x set a = default, b = b + 1 where a = 1 returning x.*",
        "delete from t where a in (select 1) returning a",
        "truncate table t, u",
        "create schema if not exists s",
        "drop schema if exists s cascade",
        "create table if not exists s.t (a int primary key, b text default 'x' not null check (b <>"
            + " ''), constraint c check (a > 0))",
        "create table t (a, b) as select 1, 2 with no data",
        "drop table if exists a, b restrict",
        "start transaction isolation level repeatable read, read only",
        "commit work",
        "abort",
        "set transaction isolation level serializable",
        "set session characteristics as transaction read only",
        "set search_path to a, b",
        "set local timezone = 'UTC'",
        "set time zone 'UTC'",
        "reset all",
        "show all",
        "explain (analyze, verbose false) select 1",
        "explain insert into t values (1)",
        "copy t (a, b) from stdin with (format csv, header true, delimiter '|', null 'N')",
        "copy (select 1) to '/x.arrow'",
        "copy t from '/x.csv' csv header",
      })
  void parses(String sql) {
    assertThat(SqlParser.parse(sql)).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  ", ";", ";;", "-- nothing", "/* no */ ; -- thing"})
  void nothingIsACommand(String sql) {
    assertThat(SqlParser.parse(sql)).isInstanceOf(ParsedStatement.Empty.class);
  }

  /** state, line, column, a part of the message, the statement. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "42601 | 1 | 1 | at or near \"selectt\"         | selectt form t",
        "42601 | 1 | 14 | at end of input               | select * from ",
        "42601 | 1 | 11 | at or near \"drop\"           | select 1; drop table t",
        "42601 | 1 | 8 | unterminated quoted string     | select 'abc",
        "42601 | 1 | 10 | unterminated /* comment       | select 1 /* x",
        "42601 | 1 | 8 | unterminated quoted identifier | select \"abc",
        "42601 | 1 | 8 | unterminated dollar-quoted     | select $a$ b",
        "42601 | 1 | 8 | zero-length                    | select \"\"",
        "42601 | 1 | 8 | trailing junk                  | select 12ab",
        "42601 | 1 | 12 | at or near \")\"              | select (1, ) from t",
        "42601 | 1 | 11 | either ? or $n                | select ?, $1",
        "42P02 | 1 | 8 | there is no parameter $0       | select $0",
        "42704 | 1 | 11 | type \"foo\" does not exist   | select 1::foo",
        "22007 | 1 | 8 | invalid input syntax           | select interval '3 foos'",
        "42701 | 1 | 24 | specified more than once      | create table t (a int, a text)",
        "42P16 | 1 | 36 | at most one primary key       | create table t (a int primary key, primary key (a))",
        "22023 | 1 | 19 | out of range                  | create table t (a decimal(39,0))",
        "42622 | 1 | 8 | longer than 63 bytes           | select xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "0A000 | 1 | 15 | IGNORE NULLS                  | select lag(a) ignore nulls over () from t",
        "42601 | 1 | 38 | at or near \"and\"            | select sum(a) over (rows 1 preceding and) from t",
        "42P20 | 1 | 26 | frame start cannot be         | select sum(a) over (rows unbounded following) from t",
        "42601 | 1 | 33 | syntax error                  | select 1 from t group by rollup()",
        "0A000 | 1 | 34 | CYCLE                         | with recursive a as (select 1 a) cycle a set b using c select 1",
        "0A000 | 1 | 1 | CREATE VIEW                    | create view v as select 1",
        "0A000 | 1 | 1 | CREATE INDEX                   | create index i on t (a)",
        "0A000 | 1 | 1 | savepoint                      | savepoint a",
        "0A000 | 1 | 10 | savepoint                     | rollback to a",
        "0A000 | 1 | 23 | foreign key                   | create table t (a int references u)",
        "0A000 | 1 | 23 | UNIQUE                        | create table t (a int unique)",
        "0A000 | 1 | 17 | FOR UPDATE                    | select 1 from t for update",
        "0A000 | 1 | 18 | DISTINCT ON                   | select distinct  on (a) 1",
        "0A000 | 1 | 19 | type json                     | create table t (a json)",
        "0A000 | 1 | 1 | MERGE                          | merge into t using u on 1 = 1",
        "0A000 | 1 | 18 | UPDATE ... FROM               | update t set a=1 from u",
      })
  void refuses(String state, int line, int column, String message, String sql) {
    SheafException error = catchThrowableOfType(SheafException.class, () -> SqlParser.parse(sql));
    assertThat(error).as(sql).isNotNull();
    assertThat(error.sqlState()).as(error.message()).isEqualTo(state);
    assertThat(error.message()).contains(message.strip());
    assertThat(error.line() + ":" + error.column()).isEqualTo(line + ":" + column);
  }

  @Test
  void positionsCountLines() {
    SheafException error =
        catchThrowableOfType(
            SheafException.class, () -> SqlParser.parse("select 'a\nb',\n  $$x\ny$$ ,\n   )"));
    assertThat(error.line() + ":" + error.column()).isEqualTo("5:4");
  }

  @Test
  void limitsSizeDepthAndCharacters() {
    assertThat(state("select '" + "x".repeat(SqlParser.MAX_LENGTH) + "'")).isEqualTo("54000");
    assertThat(state("select " + "(".repeat(10_000) + "1" + ")".repeat(10_000))).isEqualTo("54001");
    assertThat(state("select " + "not ".repeat(10_000) + "true")).isEqualTo("54001");
    assertThat(state("select " + "(select ".repeat(10_000) + "1" + ")".repeat(10_000)))
        .isEqualTo("54001");
    assertThat(state("select '\0'")).isEqualTo("22021");
    assertThat(state("select '\ud800'")).isEqualTo("22021");
    assertThat(SqlParser.parse("select " + "1 or ".repeat(50_000) + "1")).isNotNull();
    assertThat(SqlParser.parse("select a in (1" + ", 1".repeat(200_000) + ")")).isNotNull();
  }

  private static String state(String sql) {
    return catchThrowableOfType(SheafException.class, () -> SqlParser.parse(sql)).sqlState();
  }

  @Test
  void namesFoldUnlessQuoted() {
    var query = (Query) SqlParser.parse("select FooÄ, \"FooÄ\" from T");
    var select = (SqlQuery.Select) query.query().body();
    assertThat(select.items())
        .extracting(i -> ((SqlExpression.Name) ((SqlQuery.Item) i).expression()).column())
        .containsExactly("fooÄ", "FooÄ");
    assertThat(((SqlQuery.Table) select.from()).name().name()).isEqualTo("t");
  }

  @Test
  void readsCommandsInFull() {
    var create =
        (CreateTable)
            SqlParser.parse(
                "create table t (id bigint primary key, d decimal(5, 2) default 1 + 2 not null,"
                    + " c char, v character varying(3), ts timestamp with time zone, check (id > 0))");
    assertThat(create.columns())
        .extracting(ParsedStatement.ColumnDefinition::type)
        .containsExactly(
            SqlType.BIGINT,
            SqlType.decimal(5, 2),
            SqlType.character(1),
            SqlType.varchar(3),
            SqlType.TIMESTAMPTZ);
    assertThat(create.columns().get(1).defaultSql()).isEqualTo("1 + 2");
    assertThat(create.columns().get(1).nullable()).isFalse();
    assertThat(create.checks().getFirst().conditionSql()).isEqualTo("id > 0");
    assertThat(create.primaryKey().columns().getFirst().name()).isEqualTo("id");

    assertThat(((Begin) SqlParser.parse("begin isolation level serializable read only")).modes())
        .isEqualTo(new ParsedStatement.TransactionModes(Isolation.SERIALIZABLE, true));
    assertThat(((SetVariable) SqlParser.parse("SET Search_Path TO a, \"B\", 'c'")).values())
        .isEqualTo(List.of("a", "B", "c"));
    assertThat(((SetVariable) SqlParser.parse("set x = default")).values()).isNull();
    assertThat(((Show) SqlParser.parse("show transaction isolation level")).name().name())
        .isEqualTo("transaction_isolation");
    assertThat(((Explain) SqlParser.parse("explain analyze select 1")).analyze()).isTrue();
    assertThat(
            ((AlterTable) SqlParser.parse("alter table t alter a set default 'x' || 1")).action())
        .isInstanceOfSatisfying(
            AlterAction.SetDefault.class, a -> assertThat(a.defaultSql()).isEqualTo("'x' || 1"));
    var from = (CopyFrom) SqlParser.parse("copy t from 'a.csv' (header, delimiter ';', null '-')");
    assertThat(from.options())
        .isEqualTo(new ParsedStatement.CopyOptions(CopyFormat.CSV, true, ';', '"', "-"));
    assertThat(((CopyTo) SqlParser.parse("copy t to 'a.arrow'")).options().format())
        .isEqualTo(CopyFormat.ARROW);
    assertThat(((Insert) SqlParser.parse("insert into t values ($2, $1, $2)")).parameters())
        .isEqualTo(2);
  }
}
