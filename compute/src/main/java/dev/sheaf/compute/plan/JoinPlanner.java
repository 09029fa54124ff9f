package dev.sheaf.compute.plan;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.compute.plan.PlanNode.HashJoin;
import dev.sheaf.compute.plan.PlanNode.JoinKind;
import dev.sheaf.compute.plan.PlanNode.NestedLoopJoin;
import dev.sheaf.compute.plan.PlanNode.Project;
import dev.sheaf.compute.plan.rule.Estimator;
import dev.sheaf.protocol.type.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.apache.calcite.rel.logical.LogicalJoin;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexNode;
import org.jspecify.annotations.Nullable;

/**
 * Chooses between hash and nested-loop join and which side is built: the smaller one, which inner
 * and outer joins then have on the right.
 */
final class JoinPlanner {
  /** Rows by which the other side must be smaller to be worth a change of sides. */
  private static final double SWAP_FACTOR = 1.5;

  private final RexBuilder rex;
  private final ExprTranslator translator;
  private final Estimator estimator;

  JoinPlanner(RexBuilder rex, ExprTranslator translator, Estimator estimator) {
    this.rex = rex;
    this.translator = translator;
    this.estimator = estimator;
  }

  PlanNode plan(LogicalJoin join, PlanNode left, PlanNode right) {
    JoinKind kind = PhysicalPlanner.kind(join.getJoinType());
    List<Field> output = PhysicalPlanner.fields(join);
    int leftWidth = left.output().size();
    int rightWidth = right.output().size();
    JoinKeys keys = JoinKeys.of(join.getCondition(), leftWidth, rightWidth, rex);
    @Nullable Expr residual =
        keys.residual() == null ? null : translator.translate(keys.residual());
    if (keys.left().isEmpty()) {
      return new NestedLoopJoin(kind, left, right, residual, output);
    }
    Side a = side(left, keys.left());
    Side b = side(right, keys.right());
    int leftExtra = a.node.output().size() - leftWidth;
    boolean existence = kind == JoinKind.SEMI || kind == JoinKind.ANTI;
    boolean leftIsSmaller =
        estimator.rows(join.getLeft()) * SWAP_FACTOR < estimator.rows(join.getRight());
    if (leftIsSmaller && !existence) {
      return swapped(kind, a, b, keys, residual, leftWidth, rightWidth, output);
    }
    boolean widened = leftExtra > 0 || b.node.output().size() > rightWidth;
    @Nullable Expr shifted =
        residual == null || leftExtra == 0
            ? residual
            : Exprs.mapped(residual, i -> i < leftWidth ? i : i + leftExtra);
    List<Field> fields = widened ? fields(kind, a.node, b.node) : output;
    PlanNode hash =
        new HashJoin(
            kind,
            a.node,
            b.node,
            a.keys,
            b.keys,
            keys.nullsAreEqual(),
            shifted,
            fields,
            leftIsSmaller);
    if (!widened) {
      return hash;
    }
    int leftFull = a.node.output().size();
    return project(hash, output, i -> i < leftWidth ? i : i - leftWidth + leftFull);
  }

  /** The join with its sides exchanged, its columns put back in place. */
  private static PlanNode swapped(
      JoinKind kind,
      Side left,
      Side right,
      JoinKeys keys,
      @Nullable Expr residual,
      int leftWidth,
      int rightWidth,
      List<Field> output) {
    int rightFull = right.node.output().size();
    @Nullable Expr shifted =
        residual == null
            ? null
            : Exprs.mapped(residual, i -> i < leftWidth ? i + rightFull : i - leftWidth);
    JoinKind mirrored =
        switch (kind) {
          case LEFT -> JoinKind.RIGHT;
          case RIGHT -> JoinKind.LEFT;
          case INNER, FULL, SEMI, ANTI -> kind;
        };
    PlanNode hash =
        new HashJoin(
            mirrored,
            right.node,
            left.node,
            right.keys,
            left.keys,
            keys.nullsAreEqual(),
            shifted,
            fields(mirrored, right.node, left.node));
    return project(hash, output, i -> i < leftWidth ? i + rightFull : i - leftWidth);
  }

  private static PlanNode project(PlanNode input, List<Field> output, IntUnaryOperator source) {
    var columns = new ArrayList<Expr>();
    for (int i = 0; i < output.size(); i++) {
      columns.add(new Expr.Column(source.applyAsInt(i), output.get(i).type()));
    }
    return new Project(input, columns, output);
  }

  private static List<Field> fields(JoinKind kind, PlanNode left, PlanNode right) {
    var fields = new ArrayList<Field>();
    boolean leftNulls = kind == JoinKind.RIGHT || kind == JoinKind.FULL;
    boolean rightNulls = kind == JoinKind.LEFT || kind == JoinKind.FULL;
    left.output().forEach(f -> fields.add(nullable(f, leftNulls)));
    if (kind != JoinKind.SEMI && kind != JoinKind.ANTI) {
      right.output().forEach(f -> fields.add(nullable(f, rightNulls)));
    }
    return fields;
  }

  private static Field nullable(Field field, boolean always) {
    return new Field(field.name(), field.type(), field.nullable() || always);
  }

  /**
   * @param keys columns of the node
   */
  private record Side(PlanNode node, List<Integer> keys) {}

  /** The input with its keys as columns: expressions are computed behind its own columns. */
  private Side side(PlanNode input, List<RexNode> keys) {
    var columns = new ArrayList<Expr>();
    for (int i = 0; i < input.output().size(); i++) {
      columns.add(new Expr.Column(i, input.output().get(i).type()));
    }
    var fields = new ArrayList<>(input.output());
    var ordinals = new ArrayList<Integer>();
    for (RexNode key : keys) {
      Expr translated = translator.translate(key);
      if (translated instanceof Expr.Column column) {
        ordinals.add(column.index());
      } else {
        ordinals.add(columns.size());
        columns.add(translated);
        fields.add(
            new Field("$key" + fields.size(), translated.type(), key.getType().isNullable()));
      }
    }
    boolean plain = columns.size() == input.output().size();
    return new Side(plain ? input : new Project(input, columns, fields), ordinals);
  }
}
