package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.Evaluator;
import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.plan.PlanNode.JoinKind;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Hash join and nested-loop join: the right input is kept in memory, the left streams past it. A
 * build side of integer keys gives the left side's scan a filter before that is opened.
 */
final class JoinOperator implements Operator {
  private final PlanNode node;
  private final JoinKind kind;
  private final Operator left;
  private final Operator right;
  private final PhysicalType[] leftTypes;
  private final PhysicalType[] rightTypes;
  private final @Nullable Expr condition;
  private final PlanNode.@Nullable HashJoin hash;
  private final Execution execution;
  private final Reservation memory;
  private @Nullable JoinSides sides;
  private @Nullable JoinTable table;

  JoinOperator(PlanNode.HashJoin node, Operator left, Operator right, Execution execution) {
    this(node, node.kind(), node.inputs(), left, right, node.residual(), node, execution);
  }

  JoinOperator(PlanNode.NestedLoopJoin node, Operator left, Operator right, Execution execution) {
    this(node, node.kind(), node.inputs(), left, right, node.condition(), null, execution);
  }

  private JoinOperator(
      PlanNode node,
      JoinKind kind,
      List<PlanNode> inputs,
      Operator left,
      Operator right,
      @Nullable Expr condition,
      PlanNode.@Nullable HashJoin hash,
      Execution execution) {
    this.node = node;
    this.kind = kind;
    this.left = left;
    this.right = right;
    this.leftTypes = Columns.types(inputs.get(0).output());
    this.rightTypes = Columns.types(inputs.get(1).output());
    this.condition = condition;
    this.hash = hash;
    this.execution = execution;
    this.memory = execution.reservation();
  }

  @Override
  public void prepare() {
    right.prepare();
    Batch build = RowBuffer.collect(right, rightTypes, execution, memory).toBatch();
    right.close();
    if (hash != null) {
      buildTable(hash, build);
    }
    left.prepare();
    boolean keepsBuild = kind == JoinKind.RIGHT || kind == JoinKind.FULL;
    if (keepsBuild) {
      memory.add(build.rows());
    }
    sides = new JoinSides(build, leftTypes, rightTypes, keepsBuild, left.width());
  }

  private void buildTable(PlanNode.HashJoin join, Batch build) {
    int[] keys = ints(join.rightKeys());
    PhysicalType[] types = new PhysicalType[keys.length];
    for (int c = 0; c < keys.length; c++) {
      types[c] = rightTypes[keys[c]];
    }
    boolean nullsMatter = join.nullsAreEqual().contains(true);
    table =
        JoinTable.build(
            build, keys, KeyLayout.of(types, nullsMatter), nullsAreEqual(join), execution, memory);
    if (kind == JoinKind.INNER || kind == JoinKind.SEMI || kind == JoinKind.RIGHT) {
      offerFilters(join, build);
    }
  }

  /** Rows of the left side that fail are dropped by these kinds anyway. */
  private void offerFilters(PlanNode.HashJoin join, Batch build) {
    for (int c = 0; c < join.rightKeys().size(); c++) {
      Vec key = build.column(join.rightKeys().get(c));
      boolean integers = key instanceof Vec.IntVec || key instanceof Vec.LongVec;
      if (integers && !join.nullsAreEqual().get(c) && build.rows() <= RuntimeFilter.MAX_KEYS) {
        memory.add(RuntimeFilter.sizeBytes(build.rows()));
        left.offer(join.leftKeys().get(c), RuntimeFilter.of(key));
      }
    }
  }

  private static int[] ints(List<Integer> list) {
    return list.stream().mapToInt(Integer::intValue).toArray();
  }

  private static boolean[] nullsAreEqual(PlanNode.HashJoin join) {
    boolean[] out = new boolean[join.nullsAreEqual().size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = join.nullsAreEqual().get(i);
    }
    return out;
  }

  @Override
  public int width() {
    return left.width();
  }

  /** To the side that the column comes from, unless missing rows there would make NULLs. */
  @Override
  public void offer(int column, RuntimeFilter filter) {
    boolean leftOnly =
        kind == JoinKind.INNER
            || kind == JoinKind.SEMI
            || kind == JoinKind.ANTI
            || kind == JoinKind.LEFT;
    if (leftOnly && column < leftTypes.length) {
      left.offer(column, filter);
    } else if (kind == JoinKind.INNER) {
      right.offer(column - leftTypes.length, filter);
    }
  }

  @Override
  public BatchSource stream(int index) {
    JoinSides shared = Objects.requireNonNull(sides);
    boolean hopeless =
        shared.buildRows().rows() == 0
            && (kind == JoinKind.INNER || kind == JoinKind.SEMI || kind == JoinKind.RIGHT);
    BatchSource source = hopeless ? NoRows.SOURCE : left.stream(index);
    Evaluator residual = condition == null ? null : execution.compile(condition);
    if (hash == null) {
      var pairs = new CrossPairs(shared.buildRows().rows());
      return new JoinStream(kind, source, pairs, null, residual, shared, execution);
    }
    JoinTable built = Objects.requireNonNull(table);
    var pairs = new HashPairs(built, ints(hash.leftKeys()), nullsAreEqual(hash));
    boolean atOnce = kind == JoinKind.INNER && built.isUnique() && residual == null;
    return new JoinStream(kind, source, pairs, atOnce ? pairs : null, residual, shared, execution);
  }

  @Override
  public void close() {
    left.close();
    right.close();
    table = null;
    sides = null;
    Profiles.memory(execution, node, memory);
    memory.close();
  }
}
