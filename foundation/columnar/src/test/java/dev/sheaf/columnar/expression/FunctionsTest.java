package dev.sheaf.columnar.expression;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.columnar.kernel.Vectors;
import dev.sheaf.columnar.text.TextFormat;
import dev.sheaf.columnar.text.TextParser;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.SqlType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * functions.txt: every function's results and errors. Each line is evaluated over columns, of which
 * only one row is live, and as constants.
 */
class FunctionsTest {
  private static final ZoneId ZONE = ZoneId.of("Europe/Berlin");
  private static final TextParser PARSER = new TextParser(ZONE);
  private static final TextFormat FORMAT = new TextFormat(ZONE);

  static final EvaluationContext CONTEXT =
      new EvaluationContext(
          Instant.parse("2024-07-01T10:00:00.25Z"),
          ZONE,
          "shop",
          "public",
          "alice",
          "Sheaf 1",
          new SplittableRandom(7),
          id -> "status of " + id,
          new @Nullable Object[] {4711},
          Map.of());

  record Case(Fn fn, SqlType type, List<Expr.Literal> args, String expected, String line) {
    @Override
    public String toString() {
      return line;
    }
  }

  static Stream<Case> cases() {
    var stream = FunctionsTest.class.getResourceAsStream("functions.txt");
    try (var in = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      return in.lines().filter(l -> !l.isBlank() && !l.startsWith("#")).toList().stream()
          .map(FunctionsTest::parse);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Case parse(String line) {
    String[] parts = line.split("\\|", 3);
    String[] head = parts[0].strip().split(" ", 2);
    List<Expr.Literal> args = new ArrayList<>();
    for (String arg : parts[1].split(";")) {
      if (!arg.isBlank()) {
        String[] typed = arg.substring(1).split(": ?", 2);
        SqlType type = type(typed[0].strip());
        String text = chopped(typed[1]);
        args.add(new Expr.Literal(text.equals("NULL") ? null : PARSER.parse(text, type), type));
      }
    }
    String expected = parts[2].isEmpty() ? "" : parts[2].substring(1);
    return new Case(Fn.valueOf(head[0]), type(head[1]), args, expected, line);
  }

  /** Without the one space that separates the value from what follows. */
  private static String chopped(String text) {
    return text.endsWith(" ") ? text.substring(0, text.length() - 1) : text;
  }

  static SqlType type(String name) {
    String[] parts = name.split("[(),]");
    return switch (parts[0]) {
      case "boolean" -> SqlType.BOOLEAN;
      case "smallint" -> SqlType.SMALLINT;
      case "integer" -> SqlType.INTEGER;
      case "bigint" -> SqlType.BIGINT;
      case "real" -> SqlType.REAL;
      case "double" -> SqlType.DOUBLE;
      case "decimal" -> SqlType.decimal(Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
      case "text" -> SqlType.TEXT;
      case "varchar" -> SqlType.varchar(Integer.parseInt(parts[1]));
      case "char" -> SqlType.character(Integer.parseInt(parts[1]));
      case "bytea" -> SqlType.BYTEA;
      case "date" -> SqlType.DATE;
      case "time" -> SqlType.TIME;
      case "timestamp" -> SqlType.TIMESTAMP;
      case "timestamptz" -> SqlType.TIMESTAMPTZ;
      case "uuid" -> SqlType.UUID;
      case "intervalym" -> SqlType.INTERVAL_YEAR_MONTH;
      case "intervaldt" -> SqlType.INTERVAL_DAY_TIME;
      default -> throw new IllegalArgumentException(name);
    };
  }

  @ParameterizedTest
  @MethodSource("cases")
  void giveWhatPostgresGives(Case c) {
    assertThat(outcome(c, overColumns(c), batch(c))).as("columns").isEqualTo(c.expected());
    Expr constant = new Expr.Call(c.fn(), List.copyOf(c.args()), c.type());
    assertThat(outcome(c, constant, batch(c))).as("constants").isEqualTo(c.expected());
  }

  private static Expr overColumns(Case c) {
    List<Expr> columns = new ArrayList<>();
    for (int i = 0; i < c.args().size(); i++) {
      columns.add(new Expr.Column(i, c.args().get(i).type()));
    }
    return new Expr.Call(c.fn(), columns, c.type());
  }

  /** The values in row 1, garbage (a null slot's content) before and NULL after; row 1 is live. */
  private static Batch batch(Case c) {
    Vec[] columns = new Vec[c.args().size()];
    for (int i = 0; i < columns.length; i++) {
      Object value = c.args().get(i).value();
      columns[i] =
          Vectors.of(c.args().get(i).type().physical(), new @Nullable Object[] {null, value, null});
    }
    return new Batch(columns, 3, new int[] {1}, 1);
  }

  private static String outcome(Case c, Expr expr, Batch batch) {
    try {
      Vec result = new ExpressionCompiler(CONTEXT).compile(expr).evaluate(batch);
      assertThat(result.size()).isEqualTo(3);
      assertThat(result.type()).isEqualTo(c.type().physical());
      Object value = result.value(1);
      return value == null ? "NULL" : FORMAT.format(value, c.type());
    } catch (SheafException e) {
      return "!" + e.sqlState();
    }
  }

  @Test
  void everyFunctionIsCovered() {
    Set<Fn> missing = EnumSet.allOf(Fn.class);
    cases().forEach(c -> missing.remove(c.fn()));
    // These have tests of their own.
    assertThat(missing).containsOnly(Fn.IN, Fn.RANDOM, Fn.GEN_RANDOM_UUID);
  }

  @Test
  void errorsAriseForLiveRowsOnly() {
    Vec divisors = Vectors.of(SqlType.INTEGER.physical(), new @Nullable Object[] {0, 2, null, 5});
    Expr x = new Expr.Column(0, SqlType.INTEGER);
    Expr ten = new Expr.Literal(10, SqlType.INTEGER);
    Expr zero = new Expr.Literal(0, SqlType.INTEGER);
    Expr divided = new Expr.Call(Fn.DIVIDE, List.of(ten, x), SqlType.INTEGER);
    Expr safe = new Expr.Call(Fn.NE, List.of(x, zero), SqlType.BOOLEAN);
    Expr large = new Expr.Call(Fn.GT, List.of(divided, zero), SqlType.BOOLEAN);
    Batch batch = Batch.of(new Vec[] {divisors}, 4);

    Expr guarded = new Expr.Call(Fn.CASE, List.of(safe, divided, zero), SqlType.INTEGER);
    assertThat(values(guarded, batch)).containsExactly(0, 5, 0, 2);
    Expr and = new Expr.Call(Fn.AND, List.of(safe, large), SqlType.BOOLEAN);
    assertThat(values(and, batch)).containsExactly(false, true, null, true);
    Expr unsafe = new Expr.Call(Fn.NOT, List.of(safe), SqlType.BOOLEAN);
    Expr or = new Expr.Call(Fn.OR, List.of(unsafe, large), SqlType.BOOLEAN);
    assertThat(values(or, batch)).containsExactly(true, true, null, true);
    Batch selected = new ExpressionCompiler(CONTEXT).compile(or).select(batch);
    assertThat(selected.selected()).isEqualTo(3);
    Expr coalesce =
        new Expr.Call(
            Fn.COALESCE,
            List.of(new Expr.Call(Fn.NULLIF, List.of(x, ten), SqlType.INTEGER), divided),
            SqlType.INTEGER);
    assertThat(values(coalesce, batch)).containsExactly(0, 2, null, 5);
  }

  private static List<@Nullable Object> values(Expr expr, Batch batch) {
    Vec result = new ExpressionCompiler(CONTEXT).compile(expr).evaluate(batch);
    List<@Nullable Object> out = new ArrayList<>();
    for (int i = 0; i < batch.rows(); i++) {
      out.add(result.value(i));
    }
    return out;
  }

  @Test
  void randomFunctionsDifferByRow() {
    Batch batch = Batch.of(new Vec[0], 100);
    Expr random = new Expr.Call(Fn.RANDOM, List.of(), SqlType.DOUBLE);
    Expr uuid = new Expr.Call(Fn.GEN_RANDOM_UUID, List.of(), SqlType.UUID);
    assertThat(Set.copyOf(values(random, batch)))
        .hasSize(100)
        .allMatch(v -> (Double) v >= 0 && (Double) v < 1);
    assertThat(values(uuid, batch).stream().map(v -> FORMAT.format(v, SqlType.UUID)).distinct())
        .hasSize(100)
        .allMatch(
            s -> s.matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  }

  @Test
  void parametersAndCorrelatedValuesAreConstants() {
    Expr parameter = new Expr.Parameter(0, SqlType.INTEGER);
    assertThat(new ExpressionCompiler(CONTEXT).constant(parameter)).isEqualTo(4711);
    var correlated = CONTEXT.withCorrelated(2, new @Nullable Object[] {null, 5L});
    assertThat(
            new ExpressionCompiler(correlated).constant(new Expr.Correlated(2, 1, SqlType.BIGINT)))
        .isEqualTo(5L);
  }
}
