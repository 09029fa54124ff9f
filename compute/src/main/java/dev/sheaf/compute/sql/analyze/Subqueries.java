package dev.sheaf.compute.sql.analyze;

import com.google.common.collect.ImmutableList;
import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.compute.sql.Position;
import dev.sheaf.compute.sql.SqlExpression;
import dev.sheaf.compute.sql.SqlExpression.Binary;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rel.RelCollations;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.AggregateCall;
import org.apache.calcite.rel.logical.LogicalAggregate;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexSubQuery;
import org.apache.calcite.sql.SqlAggFunction;
import org.apache.calcite.sql.fun.SqlQuantifyOperator;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.util.ImmutableBitSet;

/** Binds subqueries inside expressions. */
final class Subqueries {
  private final BindContext context;
  private final Environment environment;
  private final ExpressionBinder enclosing;
  private final Operators operators;

  Subqueries(BindContext context, Environment environment, ExpressionBinder enclosing) {
    this.context = context;
    this.environment = environment;
    this.enclosing = enclosing;
    this.operators = new Operators(context.scalars());
  }

  private RelNode bind(dev.sheaf.compute.sql.SqlQuery query, boolean keepUnknown) {
    context.countRelation(query.position());
    return new QueryBinder(context, environment, enclosing).bind(query, keepUnknown).rel();
  }

  RexNode exists(SqlExpression.Exists node) {
    return RexSubQuery.exists(bind(node.query(), false));
  }

  RexNode scalar(SqlExpression.ScalarQuery node) {
    RelNode rel = bind(node.query(), false);
    if (rel.getRowType().getFieldCount() != 1) {
      throw node.position().error(ErrorCode.SYNTAX_ERROR, "subquery must return only one column");
    }
    return RexSubQuery.scalar(rel);
  }

  RexNode in(SqlExpression.InQuery node) {
    List<SqlExpression> operands =
        node.operand() instanceof SqlExpression.Row row ? row.values() : List.of(node.operand());
    RexNode in = in(operands, bind(node.query(), true), node.position());
    return node.negated() ? context.scalars().not(in) : in;
  }

  private RexNode in(List<SqlExpression> nodes, RelNode rel, Position position) {
    List<RexNode> operands = operands(nodes);
    RelNode cast = alike(operands, rel, "=", position);
    // Calcite takes a short cut for its own literals, which is wrong for a NULL and an empty query.
    operands.replaceAll(operand ->
        operand instanceof RexLiteral literal
            ? ConstantOperator.opaque(literal, context.scalars().rex())
            : operand);
    return RexSubQuery.in(cast, ImmutableList.copyOf(operands));
  }

  private List<RexNode> operands(List<SqlExpression> nodes) {
    for (SqlExpression node : nodes) {
      if (Syntax.hasSubquery(node)) {
        throw node.position()
            .unsupported("a subquery on the left of IN, ANY or ALL over another subquery")
            .withHint("Compute it in a derived table first.");
      }
    }
    return new ArrayList<>(enclosing.bindAll(nodes));
  }

  /** Casts operands (in place) and the subquery's columns to common types. */
  private RelNode alike(List<RexNode> operands, RelNode rel, String symbol, Position position) {
    int columns = rel.getRowType().getFieldCount();
    if (columns != operands.size()) {
      throw position.error(
          ErrorCode.SYNTAX_ERROR,
          "subquery has too " + (columns > operands.size() ? "many" : "few") + " columns");
    }
    List<RexNode> outputs = Columns.of(rel);
    for (int i = 0; i < columns; i++) {
      List<RexNode> both =
          operators.comparable(List.of(operands.get(i), outputs.get(i)), symbol, position);
      operands.set(i, both.get(0));
      outputs.set(i, both.get(1));
    }
    return Columns.replace(rel, outputs);
  }

  RexNode quantified(SqlExpression.Quantified node) {
    Scalars scalars = context.scalars();
    if (node.operand() instanceof SqlExpression.Row && node.op() != Binary.EQ) {
      throw node.position().unsupported("comparing rows with a subquery by " + node.op().symbol());
    }
    List<SqlExpression> operands =
        node.operand() instanceof SqlExpression.Row row ? row.values() : List.of(node.operand());
    RelNode rel = bind(node.query(), true);
    // x op ALL (q) is NOT (x inverse-op ANY (q)).
    Binary op = node.all() ? inverse(node.op()) : node.op();
    RexNode any;
    if (op == Binary.EQ) {
      any = in(operands, rel, node.position());
    } else {
      List<RexNode> bound = operands(operands);
      RelNode cast = alike(bound, rel, node.op().symbol(), node.position());
      any =
          op == Binary.NE
              ? differsFromAny(bound.getFirst(), cast)
              : RexSubQuery.some(cast, ImmutableList.copyOf(bound), some(op));
    }
    return node.all() ? scalars.not(any) : any;
  }

  /**
   * {@code x <> ANY (q)}, spelled out because Calcite's own way is wrong for an empty q: FALSE if q
   * is empty; TRUE if x differs from the least or the greatest value; NULL if x or a value is.
   */
  private RexNode differsFromAny(RexNode x, RelNode query) {
    Scalars scalars = context.scalars();
    SqlType bigint = SqlType.BIGINT;
    RexNode rows = aggregate(query, SqlStdOperatorTable.COUNT, List.of());
    RexNode values = aggregate(query, SqlStdOperatorTable.COUNT, List.of(0));
    RexNode least = aggregate(query, SqlStdOperatorTable.MIN, List.of(0));
    RexNode greatest = aggregate(query, SqlStdOperatorTable.MAX, List.of(0));
    RexNode unknown = scalars.nullOf(SqlType.BOOLEAN);
    RexNode differs =
        scalars.or(
            List.of(
                scalars.call(Fn.NE, SqlType.BOOLEAN, x, least),
                scalars.call(Fn.NE, SqlType.BOOLEAN, x, greatest)));
    return scalars.call(
        Fn.CASE,
        SqlType.BOOLEAN,
        true,
        List.of(
            scalars.call(Fn.EQ, SqlType.BOOLEAN, rows, scalars.constant(0L, bigint)),
            scalars.constant(false, SqlType.BOOLEAN),
            scalars.test(Fn.IS_NULL, x),
            unknown,
            differs,
            scalars.constant(true, SqlType.BOOLEAN),
            scalars.call(Fn.LT, SqlType.BOOLEAN, values, rows),
            unknown,
            scalars.constant(false, SqlType.BOOLEAN)));
  }

  private static RexNode aggregate(RelNode query, SqlAggFunction function, List<Integer> args) {
    AggregateCall call =
        AggregateCall.create(
            function,
            false,
            false,
            false,
            List.of(),
            args,
            -1,
            null,
            RelCollations.EMPTY,
            true,
            query,
            null,
            null);
    return RexSubQuery.scalar(
        LogicalAggregate.create(query, List.of(), ImmutableBitSet.of(), null, List.of(call)));
  }

  private static Binary inverse(Binary op) {
    return switch (op) {
      case EQ -> Binary.NE;
      case NE -> Binary.EQ;
      case LT -> Binary.GE;
      case LE -> Binary.GT;
      case GT -> Binary.LE;
      case GE -> Binary.LT;
      default -> throw new IllegalStateException(op.symbol());
    };
  }

  private static SqlQuantifyOperator some(Binary op) {
    return switch (op) {
      case LT -> SqlStdOperatorTable.SOME_LT;
      case LE -> SqlStdOperatorTable.SOME_LE;
      case GT -> SqlStdOperatorTable.SOME_GT;
      case GE -> SqlStdOperatorTable.SOME_GE;
      default -> throw new IllegalStateException(op.symbol());
    };
  }
}
