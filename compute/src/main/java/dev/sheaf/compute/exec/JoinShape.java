package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.plan.PlanNode.JoinKind;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a join does, with its inputs called by what becomes of them: the build input is kept, the
 * probe input streams past it. That is right and left, or for a semi- or anti-join that builds the
 * left, left and right. Immutable.
 *
 * @param condition beyond equal keys
 * @param hash null = a nested-loop join
 */
record JoinShape(
    PlanNode node,
    JoinKind kind,
    boolean buildLeft,
    PhysicalType[] probeTypes,
    PhysicalType[] buildTypes,
    @Nullable Expr condition,
    PlanNode.@Nullable HashJoin hash) {

  static JoinShape of(PlanNode.HashJoin node) {
    PlanNode probe = node.buildLeft() ? node.right() : node.left();
    PlanNode build = node.buildLeft() ? node.left() : node.right();
    return new JoinShape(
        node,
        node.kind(),
        node.buildLeft(),
        Columns.types(probe.output()),
        Columns.types(build.output()),
        node.residual(),
        node);
  }

  static JoinShape of(PlanNode.NestedLoopJoin node) {
    return new JoinShape(
        node,
        node.kind(),
        false,
        Columns.types(node.left().output()),
        Columns.types(node.right().output()),
        node.condition(),
        null);
  }

  int[] buildKeys(PlanNode.HashJoin join) {
    return ints(buildLeft ? join.leftKeys() : join.rightKeys());
  }

  int[] probeKeys(PlanNode.HashJoin join) {
    return ints(buildLeft ? join.rightKeys() : join.leftKeys());
  }

  private static int[] ints(List<Integer> list) {
    return list.stream().mapToInt(Integer::intValue).toArray();
  }

  boolean[] nullsAreEqual(PlanNode.HashJoin join) {
    boolean[] out = new boolean[join.nullsAreEqual().size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = join.nullsAreEqual().get(i);
    }
    return out;
  }

  KeyLayout layout(PlanNode.HashJoin join) {
    int[] keys = buildKeys(join);
    PhysicalType[] types = new PhysicalType[keys.length];
    for (int c = 0; c < keys.length; c++) {
      types[c] = buildTypes[keys[c]];
    }
    return KeyLayout.of(types, join.nullsAreEqual().contains(true));
  }

  /** Whether probe rows without a match leave no trace in the output. */
  boolean dropsProbeRows() {
    return buildLeft || kind == JoinKind.INNER || kind == JoinKind.SEMI;
  }

  /** Whether a probe row gives no output where there is no build row at all. */
  boolean needsBuildRows() {
    return dropsProbeRows() || kind == JoinKind.RIGHT;
  }

  /** Whether it depends on all of the build rows what becomes of a probe row. */
  boolean putsOutProbeRows() {
    return !buildLeft && kind != JoinKind.INNER && kind != JoinKind.RIGHT;
  }

  /** Which build rows are put out at the end. */
  JoinSides.Kept kept() {
    if (buildLeft) {
      return kind == JoinKind.SEMI ? JoinSides.Kept.MATCHED : JoinSides.Kept.UNMATCHED;
    }
    return kind == JoinKind.RIGHT || kind == JoinKind.FULL
        ? JoinSides.Kept.UNMATCHED_WITH_NULLS
        : JoinSides.Kept.NONE;
  }

  JoinSides sides(Batch rows, int streams) {
    return new JoinSides(rows, probeTypes, buildTypes, kept(), streams);
  }
}
