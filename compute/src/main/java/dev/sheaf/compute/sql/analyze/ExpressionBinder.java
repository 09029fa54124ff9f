package dev.sheaf.compute.sql.analyze;

import dev.sheaf.columnar.expression.AggregateFn;
import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.compute.sql.Position;
import dev.sheaf.compute.sql.SqlExpression;
import dev.sheaf.compute.sql.SqlExpression.Binary;
import dev.sheaf.compute.sql.SqlExpression.Chain;
import dev.sheaf.compute.sql.SqlExpression.Name;
import dev.sheaf.compute.sql.SqlExpression.Row;
import dev.sheaf.compute.sql.analyze.Scope.ScopeColumn;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.type.SqlType;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.calcite.rel.core.CorrelationId;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexShuttle;
import org.apache.calcite.rex.RexUtil;
import org.jspecify.annotations.Nullable;

/**
 * Binds the expressions of one clause: names against a scope and, failing that, against the
 * enclosing query's clause, as correlated values.
 */
final class ExpressionBinder {
  private final BindContext context;
  private final Environment environment;
  private final Scope scope;
  private final @Nullable Grouping grouping;
  private final @Nullable ExpressionBinder outer;

  /** The clause, for messages: aggregates are refused in it. */
  private final String clause;

  /** The columns of the window functions, by the identity of their syntax. */
  private final Map<SqlExpression, RexNode> windows;

  private final Operators operators;
  private final Functions functions;
  private @Nullable CorrelationId correlation;

  ExpressionBinder(
      BindContext context,
      Environment environment,
      Scope scope,
      @Nullable Grouping grouping,
      @Nullable ExpressionBinder outer,
      String clause) {
    this(context, environment, scope, grouping, outer, clause, Map.of());
  }

  /**
   * @param windows the window functions that the clause may contain, by identity
   */
  ExpressionBinder(
      BindContext context,
      Environment environment,
      Scope scope,
      @Nullable Grouping grouping,
      @Nullable ExpressionBinder outer,
      String clause,
      Map<SqlExpression, RexNode> windows) {
    this.context = context;
    this.environment = environment;
    this.scope = scope;
    this.grouping = grouping;
    this.outer = outer;
    this.clause = clause;
    this.windows = windows;
    this.operators = new Operators(context.scalars());
    this.functions = new Functions(context.scalars());
  }

  /** The id under which subqueries of this clause see its row; empty if none did. */
  Set<CorrelationId> correlations() {
    return correlation == null ? Set.of() : Set.of(correlation);
  }

  /** A condition: BOOLEAN, with what all branches of an OR share pulled out. */
  RexNode condition(SqlExpression node) {
    RexNode bound =
        context
            .scalars()
            .implicit(bind(node), SqlType.BOOLEAN, "argument of " + clause, node.position());
    return RexUtil.pullFactors(context.cluster().getRexBuilder(), bound);
  }

  /** Binds; the result may be unknown (see {@link Scalars}). */
  RexNode bind(SqlExpression node) {
    if (grouping != null) {
      @Nullable RexNode grouped = grouping.find(node);
      if (grouped != null) {
        return grouped;
      }
    }
    Scalars scalars = context.scalars();
    Position at = node.position();
    return switch (node) {
      case Name name -> name(name);
      case SqlExpression.NumberLiteral n -> number(n);
      case SqlExpression.StringLiteral s -> scalars.unknownString(s.value(), at);
      case SqlExpression.BooleanLiteral b -> scalars.constant(b.value(), SqlType.BOOLEAN);
      case SqlExpression.NullLiteral n -> scalars.nullOf(SqlType.NULL);
      case SqlExpression.IntervalLiteral i ->
          i.yearMonth()
              ? scalars.constant(i.months(), SqlType.INTERVAL_YEAR_MONTH)
              : scalars.constant(i.micros(), SqlType.INTERVAL_DAY_TIME);
      case SqlExpression.Parameter p -> scalars.parameter(p.index());
      case SqlExpression.Default d ->
          throw at.error(ErrorCode.SYNTAX_ERROR, "DEFAULT is not allowed in this context");
      case SqlExpression.UnaryOp u -> unary(u);
      case SqlExpression.BinaryOp b -> binary(b);
      case Chain c -> chain(c);
      case SqlExpression.IsTest t -> operators.test(bind(t.operand()), t);
      case SqlExpression.Between b -> between(b);
      case SqlExpression.Like l -> like(l);
      case SqlExpression.InList i -> inList(i);
      case SqlExpression.InQuery i -> subqueries().in(i);
      case SqlExpression.Quantified q -> subqueries().quantified(q);
      case SqlExpression.Exists e -> subqueries().exists(e);
      case SqlExpression.ScalarQuery s -> subqueries().scalar(s);
      case Row r -> throw at.unsupported("a row value in this place");
      case SqlExpression.Case c -> caseOf(c);
      case SqlExpression.Cast c -> operators.explicitCast(bind(c.operand()), c.type(), at);
      case SqlExpression.Call c -> call(c);
    };
  }

  List<RexNode> bindAll(List<SqlExpression> nodes) {
    var bound = new ArrayList<RexNode>(nodes.size());
    for (SqlExpression node : nodes) {
      bound.add(bind(node));
    }
    return bound;
  }

  private Subqueries subqueries() {
    return new Subqueries(context, environment, this);
  }

  private RexNode name(Name name) {
    @Nullable ScopeColumn column = scope.find(name);
    if (column != null) {
      if (grouping != null) {
        return grouping.column(column, name);
      }
      return column.value();
    }
    for (ExpressionBinder binder = outer; binder != null; binder = binder.outer) {
      @Nullable RexNode value = binder.asCorrelated(name);
      if (value != null) {
        return value;
      }
    }
    throw missing(name);
  }

  private RuntimeException missing(Name name) {
    if (name.parts().size() > 1) {
      List<String> qualifier = name.parts().subList(0, name.parts().size() - 1);
      for (ExpressionBinder binder = outer; binder != null; binder = binder.outer) {
        if (!scope.hasSource(qualifier) && binder.scope.hasSource(qualifier)) {
          return binder.scope.missing(name);
        }
      }
    }
    return scope.missing(name);
  }

  /**
   * The name's value as a subquery of this clause sees it; null if the name is not of this scope.
   */
  private @Nullable RexNode asCorrelated(Name name) {
    @Nullable ScopeColumn column = scope.find(name);
    if (column == null) {
      return null;
    }
    RexNode value = grouping != null ? grouping.column(column, name) : column.value();
    if (correlation == null) {
      correlation = context.cluster().createCorrel();
    }
    RexNode row =
        context
            .cluster()
            .getRexBuilder()
            .makeCorrel(grouping != null ? grouping.row() : scope.row(), correlation);
    return value.accept(
        new RexShuttle() {
          @Override
          public RexNode visitInputRef(RexInputRef ref) {
            return context.cluster().getRexBuilder().makeFieldAccess(row, ref.getIndex());
          }
        });
  }

  private RexNode number(SqlExpression.NumberLiteral literal) {
    Scalars scalars = context.scalars();
    BigDecimal value = new BigDecimal(literal.text());
    boolean integer = literal.text().chars().allMatch(c -> c >= '0' && c <= '9');
    if (integer && value.precision() - value.scale() <= 19) {
      for (SqlType type : List.of(SqlType.INTEGER, SqlType.BIGINT)) {
        @Nullable Object exact = ConstantFolding.fromNumber(value, type);
        if (exact != null) {
          return scalars.constant(exact, type);
        }
      }
    }
    if (Math.abs((long) value.scale()) <= 38) {
      BigDecimal plain = value.scale() < 0 ? value.setScale(0) : value;
      int digits = Math.max(plain.precision(), plain.scale());
      if (digits <= SqlType.MAX_DECIMAL_PRECISION) {
        SqlType type = SqlType.decimal(Math.max(1, digits), plain.scale());
        @Nullable Object exact = ConstantFolding.fromNumber(plain, type);
        if (exact != null) {
          return scalars.constant(exact, type);
        }
      }
    }
    double approximate = value.doubleValue();
    if (Double.isInfinite(approximate)) {
      throw literal
          .position()
          .error(
              ErrorCode.NUMERIC_VALUE_OUT_OF_RANGE, "\"" + literal.text() + "\" is out of range");
    }
    return scalars.constant(approximate, SqlType.DOUBLE);
  }

  private RexNode unary(SqlExpression.UnaryOp node) {
    return switch (node.op()) {
      case NOT ->
          context
              .scalars()
              .not(
                  context
                      .scalars()
                      .implicit(
                          bind(node.operand()),
                          SqlType.BOOLEAN,
                          "argument of NOT",
                          node.position()));
      case PLUS -> operators.plus(bind(node.operand()), node.position());
      case MINUS -> minus(node);
    };
  }

  /** -9223372036854775808 is a BIGINT though its digits alone are not. */
  private RexNode minus(SqlExpression.UnaryOp node) {
    if (node.operand() instanceof SqlExpression.NumberLiteral literal
        && literal.text().equals("9223372036854775808")) {
      return context.scalars().constant(Long.MIN_VALUE, SqlType.BIGINT);
    }
    return operators.minus(bind(node.operand()), node.position());
  }

  private RexNode binary(SqlExpression.BinaryOp node) {
    if (node.left() instanceof Row left && node.right() instanceof Row right) {
      return rows(node.op(), left, right, node.position());
    }
    return operators.binary(node.op(), bind(node.left()), bind(node.right()), node.position());
  }

  private RexNode rows(Binary op, Row left, Row right, Position position) {
    if (op != Binary.EQ && op != Binary.NE) {
      throw position.unsupported("comparing rows with " + op.symbol());
    }
    if (left.values().size() != right.values().size()) {
      throw position.error(ErrorCode.SYNTAX_ERROR, "unequal number of entries in row expressions");
    }
    var parts = new ArrayList<RexNode>();
    for (int i = 0; i < left.values().size(); i++) {
      parts.add(
          operators.binary(op, bind(left.values().get(i)), bind(right.values().get(i)), position));
    }
    return op == Binary.EQ ? context.scalars().and(parts) : context.scalars().or(parts);
  }

  private RexNode chain(Chain node) {
    String what = "argument of " + node.op().symbol();
    var parts = new ArrayList<RexNode>(node.operands().size());
    for (SqlExpression operand : node.operands()) {
      parts.add(
          context.scalars().implicit(bind(operand), SqlType.BOOLEAN, what, operand.position()));
    }
    return node.op() == Binary.AND ? context.scalars().and(parts) : context.scalars().or(parts);
  }

  private RexNode between(SqlExpression.Between node) {
    RexNode operand = bind(node.operand());
    RexNode low = bind(node.low());
    RexNode high = bind(node.high());
    RexNode inside = operators.between(operand, low, high, node.position());
    if (node.symmetric()) {
      inside =
          context
              .scalars()
              .or(List.of(inside, operators.between(operand, high, low, node.position())));
    }
    return node.negated() ? context.scalars().not(inside) : inside;
  }

  private RexNode like(SqlExpression.Like node) {
    Scalars scalars = context.scalars();
    RexNode operand = operators.text(bind(node.operand()), "LIKE", node.position());
    RexNode pattern = operators.text(bind(node.pattern()), "LIKE", node.position());
    RexNode escape =
        node.escape() == null
            ? scalars.text("\\")
            : operators.text(bind(node.escape()), "LIKE", node.position());
    RexNode like =
        scalars.call(
            node.ignoreCase() ? Fn.ILIKE : Fn.LIKE, SqlType.BOOLEAN, operand, pattern, escape);
    return node.negated() ? scalars.not(like) : like;
  }

  private RexNode inList(SqlExpression.InList node) {
    Scalars scalars = context.scalars();
    RexNode in;
    if (node.operand() instanceof Row row) {
      var alternatives = new ArrayList<RexNode>();
      for (SqlExpression value : node.values()) {
        if (!(value instanceof Row other)) {
          throw value.position().error(ErrorCode.DATATYPE_MISMATCH, "a row is expected here");
        }
        alternatives.add(rows(Binary.EQ, row, other, node.position()));
      }
      in = scalars.or(alternatives);
    } else {
      in = operators.in(bind(node.operand()), bindAll(node.values()), node.position());
    }
    return node.negated() ? scalars.not(in) : in;
  }

  private RexNode caseOf(SqlExpression.Case node) {
    Scalars scalars = context.scalars();
    var results = new ArrayList<RexNode>();
    for (SqlExpression.When when : node.whens()) {
      results.add(bind(when.result()));
    }
    results.add(node.otherwise() == null ? scalars.nullOf(SqlType.NULL) : bind(node.otherwise()));
    List<RexNode> unified = scalars.unify(results, "CASE", node.position());
    @Nullable RexNode operand = node.operand() == null ? null : bind(node.operand());
    var parts = new ArrayList<RexNode>();
    for (int i = 0; i < node.whens().size(); i++) {
      SqlExpression condition = node.whens().get(i).condition();
      RexNode bound = bind(condition);
      parts.add(
          operand == null
              ? scalars.implicit(
                  bound, SqlType.BOOLEAN, "argument of CASE/WHEN", condition.position())
              : operators.binary(Binary.EQ, operand, bound, condition.position()));
      parts.add(unified.get(i));
    }
    parts.add(unified.getLast());
    boolean nullable = unified.stream().anyMatch(r -> r.getType().isNullable());
    return scalars.call(Fn.CASE, Scalars.typeOf(unified.getLast()), nullable, parts);
  }

  private RexNode call(SqlExpression.Call node) {
    if (node.over() != null) {
      @Nullable RexNode column = windows.get(node);
      if (column == null) {
        throw node.position()
            .error(ErrorCode.WINDOWING_ERROR, "window functions are not allowed in " + clause);
      }
      return column;
    }
    if (WindowFunctions.named(node.name()) != null) {
      throw node.position()
          .error(
              ErrorCode.WRONG_OBJECT_TYPE,
              "window function " + node.name() + " requires an OVER clause");
    }
    if (Aggregates.named(node.name()) != null) {
      String what =
          Aggregates.named(node.name()) == AggregateFn.GROUPING
              ? "grouping operations"
              : "aggregate functions";
      throw node.position().error(ErrorCode.GROUPING_ERROR, what + " are not allowed in " + clause);
    }
    if (node.withinGroup()) {
      throw node.position()
          .error(
              ErrorCode.WRONG_OBJECT_TYPE,
              "WITHIN GROUP specified, but " + node.name() + " is not an aggregate function");
    }
    if (node.star() || node.distinct() || !node.orderBy().isEmpty() || node.filter() != null) {
      throw node.position()
          .error(ErrorCode.UNDEFINED_FUNCTION, node.name() + " is not an aggregate function");
    }
    return functions.call(node.name(), bindAll(node.args()), node.position());
  }
}
