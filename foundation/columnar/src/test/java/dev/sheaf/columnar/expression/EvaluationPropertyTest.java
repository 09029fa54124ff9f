package dev.sheaf.columnar.expression;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.columnar.kernel.Vectors;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.protocol.type.SqlType;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random predicates over random columns (nulls, dictionaries, selections): evaluate() and select()
 * against an interpreter of single rows. Repeat a failure with -Dseed=.
 */
class EvaluationPropertyTest {
  private static final SqlType[] TYPES = {
    SqlType.INTEGER,
    SqlType.BIGINT,
    SqlType.DOUBLE,
    SqlType.decimal(10, 2),
    SqlType.decimal(25, 2),
    SqlType.TEXT,
    SqlType.BOOLEAN
  };
  private static final List<Fn> COMPARISONS =
      List.of(
          Fn.EQ, Fn.NE, Fn.LT, Fn.LE, Fn.GT, Fn.GE, Fn.IS_DISTINCT_FROM, Fn.IS_NOT_DISTINCT_FROM);
  private static final Object ERROR = new Object();

  private final long seed = Long.getLong("seed", System.nanoTime());
  private final Random random = new Random(seed);

  @Test
  void evaluateSelectAndInterpreterAgree() {
    for (int round = 0; round < 3000; round++) {
      Batch batch = randomBatch(1 + random.nextInt(150));
      Expr expr = predicate(3);
      List<@Nullable Object> expected = new ArrayList<>();
      for (int k = 0; k < batch.selected(); k++) {
        expected.add(interpret(expr, batch, batch.row(k)));
      }
      String what = "seed " + seed + " round " + round + ": " + expr;
      Evaluator evaluator = new ExpressionCompiler(FunctionsTest.CONTEXT).compile(expr);
      if (expected.contains(ERROR)) {
        assertThat(evaluated(evaluator, batch)).as(what).isNull();
        continue;
      }
      assertThat(evaluated(evaluator, batch)).as(what).isEqualTo(expected);
      Batch selected = evaluator.select(batch);
      List<Integer> rows = new ArrayList<>();
      for (int k = 0; k < selected.selected(); k++) {
        rows.add(selected.row(k));
      }
      List<Integer> expectedRows = new ArrayList<>();
      for (int k = 0; k < batch.selected(); k++) {
        if (Boolean.TRUE.equals(expected.get(k))) {
          expectedRows.add(batch.row(k));
        }
      }
      assertThat(rows).as(what).isEqualTo(expectedRows);
    }
  }

  /** Values of the live rows; null if evaluation failed. */
  private static @Nullable List<@Nullable Object> evaluated(Evaluator evaluator, Batch batch) {
    try {
      Vec result = evaluator.evaluate(batch);
      List<@Nullable Object> out = new ArrayList<>();
      for (int k = 0; k < batch.selected(); k++) {
        out.add(result.value(batch.row(k)));
      }
      return out;
    } catch (SheafException e) {
      return null;
    }
  }

  private Batch randomBatch(int rows) {
    Vec[] columns = new Vec[TYPES.length * 2];
    for (int c = 0; c < columns.length; c++) {
      SqlType type = TYPES[c % TYPES.length];
      @Nullable Object[] values = new Object[rows];
      boolean nulls = random.nextBoolean();
      for (int i = 0; i < rows; i++) {
        values[i] = nulls && random.nextInt(4) == 0 ? null : value(type);
      }
      Vec vec = Vectors.of(type.physical(), values);
      columns[c] = vec instanceof BytesVec bytes && random.nextBoolean() ? coded(bytes) : vec;
    }
    if (random.nextBoolean()) {
      return Batch.of(columns, rows);
    }
    int[] selection = new int[rows];
    int n = 0;
    for (int i = 0; i < rows; i++) {
      if (random.nextInt(3) != 0) {
        selection[n++] = i;
      }
    }
    return new Batch(columns, rows, selection, n);
  }

  private Object value(SqlType type) {
    boolean extreme = random.nextInt(20) == 0;
    return switch (type.kind()) {
      case INTEGER ->
          extreme
              ? (random.nextBoolean() ? Integer.MIN_VALUE : Integer.MAX_VALUE)
              : random.nextInt(7) - 3;
      case BIGINT ->
          extreme
              ? (random.nextBoolean() ? Long.MIN_VALUE : Long.MAX_VALUE)
              : (long) random.nextInt(7) - 3;
      case DOUBLE ->
          switch (random.nextInt(20)) {
            case 0 -> Double.NaN;
            case 1 -> Double.NEGATIVE_INFINITY;
            case 2 -> -0.0;
            default -> (random.nextInt(9) - 4) / 2.0;
          };
      case DECIMAL ->
          type.physical() == PhysicalType.LONG
              ? (Object) (extreme ? 9_999_999_999L : (long) random.nextInt(9) - 4)
              : BigInteger.valueOf(random.nextInt(9) - 4).shiftLeft(extreme ? 70 : 0);
      case VARCHAR ->
          new String[] {"", "a", "ab", "abc", "abcdefgh", "abcdefghi", "ä", "b%"}
              [random.nextInt(8)].getBytes(StandardCharsets.UTF_8);
      default -> random.nextBoolean();
    };
  }

  private static BytesVec coded(BytesVec vec) {
    List<String> entries = new ArrayList<>(List.of("unused"));
    int[] codes = new int[vec.size()];
    for (int i = 0; i < codes.length; i++) {
      if (!vec.isNull(i)) {
        String text = new String(vec.bytes(i), StandardCharsets.UTF_8);
        if (!entries.contains(text)) {
          entries.add(text);
        }
        codes[i] = entries.indexOf(text);
      }
    }
    BytesVec dictionary =
        (BytesVec)
            Vectors.of(
                PhysicalType.BYTES,
                entries.stream().map(s -> s.getBytes(StandardCharsets.UTF_8)).toList());
    int[] start = Arrays.stream(codes).map(c -> dictionary.start()[c]).toArray();
    int[] length = Arrays.stream(codes).map(c -> dictionary.length()[c]).toArray();
    return new BytesVec(
        dictionary.data(), start, length, codes, dictionary, vec.validity(), codes.length);
  }

  private Expr predicate(int depth) {
    int choice = random.nextInt(depth == 0 ? 4 : 9);
    return switch (choice) {
      case 4 -> bool(Fn.AND, predicate(depth - 1), predicate(depth - 1), predicate(depth - 1));
      case 5 -> bool(Fn.OR, predicate(depth - 1), predicate(depth - 1));
      case 6 -> bool(Fn.NOT, predicate(depth - 1));
      case 7 -> bool(truthTest(), predicate(depth - 1));
      case 8 ->
          new Expr.Call(
              Fn.CASE,
              List.of(predicate(depth - 1), predicate(depth - 1), predicate(depth - 1)),
              SqlType.BOOLEAN);
      case 0 -> {
        SqlType type = TYPES[random.nextInt(TYPES.length)];
        List<Expr> list = new ArrayList<>(List.of(operand(type, 1)));
        for (int i = random.nextInt(12); i >= 0; i--) {
          list.add(literal(type));
        }
        yield new Expr.Call(Fn.IN, list, SqlType.BOOLEAN);
      }
      default -> {
        SqlType type = TYPES[random.nextInt(TYPES.length)];
        Expr right = random.nextBoolean() ? literal(type) : operand(type, 1);
        Fn fn = COMPARISONS.get(random.nextInt(COMPARISONS.size()));
        yield random.nextInt(4) == 0
            ? bool(fn, right, operand(type, 1))
            : bool(fn, operand(type, 1), right);
      }
    };
  }

  private Fn truthTest() {
    return List.of(
            Fn.IS_NULL, Fn.IS_NOT_NULL, Fn.IS_TRUE, Fn.IS_NOT_TRUE, Fn.IS_FALSE, Fn.IS_NOT_FALSE)
        .get(random.nextInt(6));
  }

  private static Expr bool(Fn fn, Expr... args) {
    return new Expr.Call(fn, List.of(args), SqlType.BOOLEAN);
  }

  private Expr literal(SqlType type) {
    return new Expr.Literal(random.nextInt(10) == 0 ? null : value(type), type);
  }

  private Expr operand(SqlType type, int depth) {
    int index = Arrays.asList(TYPES).indexOf(type) + (random.nextBoolean() ? TYPES.length : 0);
    Expr column = new Expr.Column(index, type);
    boolean arithmetic = type.equals(SqlType.INTEGER) || type.equals(SqlType.BIGINT);
    if (depth > 0 && arithmetic && random.nextInt(3) == 0) {
      Fn fn =
          List.of(Fn.ADD, Fn.SUBTRACT, Fn.MULTIPLY, Fn.DIVIDE, Fn.MODULO).get(random.nextInt(5));
      return new Expr.Call(fn, List.of(column, operand(type, depth - 1)), type);
    }
    if (depth > 0 && random.nextInt(4) == 0) {
      return new Expr.Call(Fn.COALESCE, List.of(column, literal(type)), type);
    }
    return column;
  }

  /** The value of one row, ERROR if computing it fails. */
  private static @Nullable Object interpret(Expr expr, Batch batch, int row) {
    return switch (expr) {
      case Expr.Literal l -> l.value();
      case Expr.Column c -> batch.column(c.index()).value(row);
      case Expr.Call c -> interpret(c, batch, row);
      default -> throw new IllegalStateException();
    };
  }

  private static @Nullable Object interpret(Expr.Call call, Batch batch, int row) {
    Fn fn = call.fn();
    if (fn == Fn.AND || fn == Fn.OR) {
      return decide(call, fn == Fn.OR, batch, row);
    }
    Expr first = call.args().get(0);
    Object a = fn == Fn.CASE ? passes(first, batch, row) : interpret(first, batch, row);
    if (a == ERROR) {
      return ERROR;
    }
    switch (fn) {
      case NOT:
        return a == null ? null : !(Boolean) a;
      case IS_NULL:
        return a == null;
      case IS_NOT_NULL:
        return a != null;
      case IS_TRUE:
        return Boolean.TRUE.equals(a);
      case IS_NOT_TRUE:
        return !Boolean.TRUE.equals(a);
      case IS_FALSE:
        return Boolean.FALSE.equals(a);
      case IS_NOT_FALSE:
        return !Boolean.FALSE.equals(a);
      case CASE:
        return interpret(call.args().get(Boolean.TRUE.equals(a) ? 1 : 2), batch, row);
      case COALESCE:
        return a != null ? a : interpret(call.args().get(1), batch, row);
      case IN:
        return in(a, call, batch, row);
      default:
        break;
    }
    Object b = interpret(call.args().get(1), batch, row);
    if (b == ERROR) {
      return ERROR;
    }
    if (fn == Fn.IS_DISTINCT_FROM || fn == Fn.IS_NOT_DISTINCT_FROM) {
      boolean same = a == null || b == null ? a == b : order(a, b) == 0;
      return same == (fn == Fn.IS_NOT_DISTINCT_FROM);
    }
    if (a == null || b == null) {
      return null;
    }
    return COMPARISONS.contains(fn) ? compare(fn, order(a, b)) : arithmetic(fn, a, b);
  }

  /** As a filter: NULL is as good as FALSE, so AND stops at either. */
  private static @Nullable Object passes(Expr expr, Batch batch, int row) {
    if (expr instanceof Expr.Call call && (call.fn() == Fn.AND || call.fn() == Fn.OR)) {
      boolean decisive = call.fn() == Fn.OR;
      for (Expr arg : call.args()) {
        Object value = passes(arg, batch, row);
        if (value == ERROR || Boolean.TRUE.equals(value) == decisive) {
          return value;
        }
      }
      return !decisive;
    }
    return expr instanceof Expr.Call call && call.fn() == Fn.IS_TRUE
        ? passes(call.args().get(0), batch, row)
        : interpret(expr, batch, row);
  }

  private static @Nullable Object decide(Expr.Call call, boolean decisive, Batch batch, int row) {
    boolean sawNull = false;
    for (Expr arg : call.args()) {
      Object value = interpret(arg, batch, row);
      if (value == ERROR) {
        return ERROR;
      }
      if (value == null) {
        sawNull = true;
      } else if ((Boolean) value == decisive) {
        return decisive;
      }
    }
    return sawNull ? null : (Object) !decisive;
  }

  private static @Nullable Object in(@Nullable Object a, Expr.Call call, Batch batch, int row) {
    if (a == null) {
      return null;
    }
    boolean sawNull = false;
    for (Expr member : call.args().subList(1, call.args().size())) {
      Object b = interpret(member, batch, row);
      if (b == null) {
        sawNull = true;
      } else if (order(a, b) == 0) {
        return true;
      }
    }
    return sawNull ? null : (Object) false;
  }

  private static boolean compare(Fn fn, int order) {
    return switch (fn) {
      case EQ -> order == 0;
      case NE -> order != 0;
      case LT -> order < 0;
      case LE -> order <= 0;
      case GT -> order > 0;
      default -> order >= 0;
    };
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static int order(Object a, Object b) {
    return switch (a) {
      case byte[] bytes -> Arrays.compareUnsigned(bytes, (byte[]) b);
      case Double d -> Double.compare(d + 0.0, (Double) b + 0.0);
      default -> ((Comparable) a).compareTo(b);
    };
  }

  private static Object arithmetic(Fn fn, Object a, Object b) {
    BigInteger x = BigInteger.valueOf(((Number) a).longValue());
    BigInteger y = BigInteger.valueOf(((Number) b).longValue());
    if (y.signum() == 0 && (fn == Fn.DIVIDE || fn == Fn.MODULO)) {
      return ERROR;
    }
    BigInteger r =
        switch (fn) {
          case ADD -> x.add(y);
          case SUBTRACT -> x.subtract(y);
          case MULTIPLY -> x.multiply(y);
          case DIVIDE -> x.divide(y);
          default -> x.remainder(y);
        };
    boolean fits = r.bitLength() < (a instanceof Integer ? 32 : 64);
    if (!fits) {
      return ERROR;
    }
    return a instanceof Integer ? (Object) r.intValue() : (Object) r.longValue();
  }
}
