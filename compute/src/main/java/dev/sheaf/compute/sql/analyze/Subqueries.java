package dev.sheaf.compute.sql.analyze;

import com.google.common.collect.ImmutableList;
import dev.sheaf.compute.sql.Position;
import dev.sheaf.compute.sql.SqlExpression;
import dev.sheaf.compute.sql.SqlExpression.Binary;
import dev.sheaf.protocol.error.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexSubQuery;
import org.apache.calcite.sql.fun.SqlQuantifyOperator;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;

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
    var operands = new ArrayList<>(enclosing.bindAll(nodes));
    RelNode cast = alike(operands, rel, "=", position);
    return RexSubQuery.in(cast, ImmutableList.copyOf(operands));
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
      var bound = new ArrayList<>(enclosing.bindAll(operands));
      RelNode cast = alike(bound, rel, node.op().symbol(), node.position());
      any = RexSubQuery.some(cast, ImmutableList.copyOf(bound), some(op));
    }
    return node.all() ? scalars.not(any) : any;
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
      case NE -> SqlStdOperatorTable.SOME_NE;
      case LT -> SqlStdOperatorTable.SOME_LT;
      case LE -> SqlStdOperatorTable.SOME_LE;
      case GT -> SqlStdOperatorTable.SOME_GT;
      case GE -> SqlStdOperatorTable.SOME_GE;
      default -> throw new IllegalStateException(op.symbol());
    };
  }
}
