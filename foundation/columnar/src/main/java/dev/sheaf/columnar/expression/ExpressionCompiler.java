package dev.sheaf.columnar.expression;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns expressions into chains of pre-compiled kernels. Compiling is cheap (no code is generated):
 * compile once per execution and thread. Subexpressions of constants are computed at compile time,
 * unless that fails: then the error is left to the rows. Not thread-safe.
 */
public final class ExpressionCompiler {
  private static final Batch ONE_ROW = Batch.of(new Vec[0], 1);

  private final EvaluationContext context;
  private Map<Expr, Evaluator> shared = Map.of();
  private Set<Expr> repeated = Set.of();

  public ExpressionCompiler(EvaluationContext context) {
    this.context = context;
  }

  /** Fails with 0A000 if a function does not exist for its argument types. */
  public Evaluator compile(Expr expr) {
    return switch (expr) {
      case Expr.Literal l -> new Constant(l.value(), l.type());
      case Expr.Column c -> new ColumnReference(c.index(), c.type());
      case Expr.Parameter p -> new Constant(parameter(p.index()), p.type());
      case Expr.Correlated c -> new Constant(correlated(c), c.type());
      case Expr.Call call -> compileOnce(call);
    };
  }

  /**
   * Compiles expressions that are evaluated over the same batches, one after the other: a call that
   * occurs in several places is computed once per batch.
   */
  public List<Evaluator> compileAll(List<Expr> exprs) {
    Set<Expr> seen = new HashSet<>();
    Set<Expr> twice = new HashSet<>();
    exprs.forEach(e -> findRepeated(e, seen, twice));
    repeated = twice;
    shared = new HashMap<>();
    List<Evaluator> out = new ArrayList<>(exprs.size());
    for (Expr expr : exprs) {
      out.add(compile(expr));
    }
    repeated = Set.of();
    shared = Map.of();
    return out;
  }

  private static void findRepeated(Expr expr, Set<Expr> seen, Set<Expr> twice) {
    if (expr instanceof Expr.Call call && deterministic(call.fn())) {
      if (!seen.add(call)) {
        twice.add(call);
        return;
      }
      call.args().forEach(arg -> findRepeated(arg, seen, twice));
    }
  }

  private static boolean deterministic(Fn fn) {
    return fn != Fn.RANDOM && fn != Fn.GEN_RANDOM_UUID && fn != Fn.TRANSACTION_STATUS;
  }

  /** The value of an expression without columns. */
  public @Nullable Object constant(Expr expr) {
    return compile(expr).evaluate(ONE_ROW).value(0);
  }

  private @Nullable Object parameter(int index) {
    if (index >= context.parameters().length) {
      throw new SheafException(
          ErrorCode.UNDEFINED_PARAMETER, "there is no value for parameter $" + (index + 1));
    }
    return context.parameters()[index];
  }

  private @Nullable Object correlated(Expr.Correlated c) {
    @Nullable Object[] row = context.correlated().get(c.correlateId());
    if (row == null) {
      throw new IllegalStateException("no row for correlation " + c.correlateId());
    }
    return row[c.index()];
  }

  private Evaluator compileOnce(Expr.Call call) {
    if (!repeated.contains(call)) {
      return fold(call, compileCall(call));
    }
    Evaluator known = shared.get(call);
    if (known == null) {
      Evaluator compiled = fold(call, compileCall(call));
      known = compiled instanceof Constant ? compiled : new Shared(compiled);
      shared.put(call, known);
    }
    return known;
  }

  private Evaluator fold(Expr.Call call, Evaluator compiled) {
    if (compiled instanceof Constant || !foldable(call)) {
      return compiled;
    }
    try {
      return new Constant(compiled.evaluate(ONE_ROW).value(0), call.type());
    } catch (SheafException leftToTheRows) {
      return compiled;
    }
  }

  private static boolean foldable(Expr expr) {
    return switch (expr) {
      case Expr.Column c -> false;
      case Expr.Literal l -> true;
      case Expr.Parameter p -> true;
      case Expr.Correlated c -> true;
      case Expr.Call call ->
          deterministic(call.fn()) && call.args().stream().allMatch(ExpressionCompiler::foldable);
    };
  }

  private Evaluator compileCall(Expr.Call call) {
    Evaluator[] args = new Evaluator[call.args().size()];
    for (int i = 0; i < args.length; i++) {
      args[i] = compile(call.args().get(i));
    }
    SqlType type = call.type();
    Fn fn = call.fn();
    return switch (fn) {
      case AND -> new Conjunction(args);
      case OR -> new Disjunction(args);
      case NOT, IS_NULL, IS_NOT_NULL, IS_TRUE, IS_NOT_TRUE, IS_FALSE, IS_NOT_FALSE ->
          new TruthTest(fn, args[0]);
      case EQ, NE, LT, LE, GT, GE -> new Comparison(fn, args[0], args[1]);
      case IS_DISTINCT_FROM -> new DistinctTest(true, args[0], args[1]);
      case IS_NOT_DISTINCT_FROM -> new DistinctTest(false, args[0], args[1]);
      case IN -> membership(args);
      case ADD, SUBTRACT, MULTIPLY, DIVIDE, MODULO ->
          MathFunctions.binary(fn, type, args[0], args[1]);
      case NEGATE, ABS, SIGN, CEIL, FLOOR, ROUND, TRUNCATE ->
          MathFunctions.rounding(fn, type, args);
      case SQRT,
          EXP,
          LN,
          LOG10,
          POWER,
          SIN,
          COS,
          TAN,
          ASIN,
          ACOS,
          ATAN,
          ATAN2,
          COT,
          DEGREES,
          RADIANS,
          CBRT ->
          MathFunctions.transcendental(fn, type, args);
      case CASE, COALESCE -> new Conditional(fn, type, args);
      case NULLIF, GREATEST, LEAST -> new Extremes(fn, type, args);
      case CAST -> Casts.compile(false, args[0], type, context);
      case ASSIGN_CAST -> Casts.compile(true, args[0], type, context);
      case LIKE, ILIKE -> LikeFunction.compile(fn, args);
      case CONCAT,
          CHAR_LENGTH,
          OCTET_LENGTH,
          UPPER,
          LOWER,
          INITCAP,
          SUBSTRING,
          LEFT,
          RIGHT,
          TRIM_BOTH,
          TRIM_LEADING,
          TRIM_TRAILING,
          LPAD,
          RPAD,
          POSITION,
          REPLACE,
          REVERSE,
          REPEAT,
          STARTS_WITH,
          ASCII,
          CHR,
          SPLIT_PART,
          MD5 ->
          TextFunctions.compile(fn, type, args);
      case EXTRACT -> DateTimeFields.extract(type, args[0], args[1], context.zone());
      case DATE_TRUNC -> DateTimeFields.truncate(type, args[0], args[1], context.zone());
      case ADD_INTERVAL -> DateTimeFunctions.addInterval(1, type, args[0], args[1], context.zone());
      case SUBTRACT_INTERVAL ->
          DateTimeFunctions.addInterval(-1, type, args[0], args[1], context.zone());
      case DATETIME_DIFFERENCE -> DateTimeFunctions.difference(type, args[0], args[1]);
      case ADD_DAYS -> DateTimeFunctions.addDays(type, args[0], args[1]);
      case MULTIPLY_INTERVAL -> DateTimeFunctions.multiplyInterval(type, args[0], args[1]);
      case PI,
          RANDOM,
          CURRENT_DATE,
          CURRENT_TIMESTAMP,
          LOCALTIMESTAMP,
          CURRENT_TIME,
          GEN_RANDOM_UUID,
          VERSION,
          CURRENT_DATABASE,
          CURRENT_SCHEMA,
          CURRENT_USER,
          TRANSACTION_STATUS ->
          ContextFunctions.compile(fn, type, args, context);
    };
  }

  /** A list with a member that is not constant is a chain of equalities. */
  private static Evaluator membership(Evaluator[] args) {
    List<Constant> constants = new ArrayList<>();
    Evaluator[] equalities = new Evaluator[args.length - 1];
    for (int i = 1; i < args.length; i++) {
      if (args[i] instanceof Constant constant) {
        constants.add(constant);
      }
      equalities[i - 1] = new Comparison(Fn.EQ, args[0], args[i]);
    }
    return constants.size() == equalities.length
        ? new Membership(args[0], constants)
        : new Disjunction(equalities);
  }
}
