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
 * Hash join and nested-loop join: the build input is kept in memory, the probe input streams past
 * it. That is right and left, or for a semi- or anti-join that builds the left, left and right. A
 * build side of integer keys gives the probe side's scan a filter before that is opened.
 */
final class JoinOperator implements Operator {
  private final PlanNode node;
  private final JoinKind kind;
  private final Operator probe;
  private final Operator build;
  private final PhysicalType[] probeTypes;
  private final PhysicalType[] buildTypes;
  private final boolean buildLeft;
  private final @Nullable Expr condition;
  private final PlanNode.@Nullable HashJoin hash;
  private final Execution execution;
  private final Reservation memory;
  private @Nullable JoinSides sides;
  private @Nullable JoinTable table;

  JoinOperator(PlanNode.HashJoin node, Operator left, Operator right, Execution execution) {
    this(
        node,
        node.kind(),
        node.buildLeft() ? node.inputs().reversed() : node.inputs(),
        node.buildLeft() ? right : left,
        node.buildLeft() ? left : right,
        node.residual(),
        node,
        execution);
  }

  JoinOperator(PlanNode.NestedLoopJoin node, Operator left, Operator right, Execution execution) {
    this(node, node.kind(), node.inputs(), left, right, node.condition(), null, execution);
  }

  private JoinOperator(
      PlanNode node,
      JoinKind kind,
      List<PlanNode> inputs,
      Operator probe,
      Operator build,
      @Nullable Expr condition,
      PlanNode.@Nullable HashJoin hash,
      Execution execution) {
    this.node = node;
    this.kind = kind;
    this.probe = probe;
    this.build = build;
    this.probeTypes = Columns.types(inputs.get(0).output());
    this.buildTypes = Columns.types(inputs.get(1).output());
    this.buildLeft = hash != null && hash.buildLeft();
    this.condition = condition;
    this.hash = hash;
    this.execution = execution;
    this.memory = execution.reservation();
  }

  @Override
  public void prepare() {
    build.prepare();
    Batch rows = RowBuffer.collect(build, buildTypes, execution, memory).toBatch();
    build.close();
    if (hash != null) {
      buildTable(hash, rows);
    }
    probe.prepare();
    JoinSides.Kept kept = kept();
    if (kept != JoinSides.Kept.NONE) {
      memory.add(rows.rows());
    }
    sides = new JoinSides(rows, probeTypes, buildTypes, kept, probe.width());
  }

  /** Which build rows are put out at the end. */
  private JoinSides.Kept kept() {
    if (buildLeft) {
      return kind == JoinKind.SEMI ? JoinSides.Kept.MATCHED : JoinSides.Kept.UNMATCHED;
    }
    return kind == JoinKind.RIGHT || kind == JoinKind.FULL
        ? JoinSides.Kept.UNMATCHED_WITH_NULLS
        : JoinSides.Kept.NONE;
  }

  private List<Integer> buildKeys(PlanNode.HashJoin join) {
    return buildLeft ? join.leftKeys() : join.rightKeys();
  }

  private List<Integer> probeKeys(PlanNode.HashJoin join) {
    return buildLeft ? join.rightKeys() : join.leftKeys();
  }

  private void buildTable(PlanNode.HashJoin join, Batch rows) {
    int[] keys = ints(buildKeys(join));
    PhysicalType[] types = new PhysicalType[keys.length];
    for (int c = 0; c < keys.length; c++) {
      types[c] = buildTypes[keys[c]];
    }
    boolean nullsMatter = join.nullsAreEqual().contains(true);
    table =
        JoinTable.build(
            rows, keys, KeyLayout.of(types, nullsMatter), nullsAreEqual(join), execution, memory);
    if (dropsProbeRows() || kind == JoinKind.RIGHT) {
      offerFilters(join, rows);
    }
  }

  /** Whether probe rows without a match leave no trace in the output. */
  private boolean dropsProbeRows() {
    return buildLeft || kind == JoinKind.INNER || kind == JoinKind.SEMI;
  }

  private void offerFilters(PlanNode.HashJoin join, Batch rows) {
    for (int c = 0; c < buildKeys(join).size(); c++) {
      Vec key = rows.column(buildKeys(join).get(c));
      boolean integers = key instanceof Vec.IntVec || key instanceof Vec.LongVec;
      if (integers && !join.nullsAreEqual().get(c) && rows.rows() <= JoinKeyFilter.MAX_KEYS) {
        memory.add(JoinKeyFilter.sizeBytes(rows.rows()));
        probe.offer(probeKeys(join).get(c), JoinKeyFilter.of(key));
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
    return probe.width();
  }

  /** To the side that the column comes from, unless missing rows there would make NULLs. */
  @Override
  public void offer(int column, RuntimeFilter filter) {
    if (buildLeft) {
      build.offer(column, filter.ofMoreRows());
      return;
    }
    boolean leftOnly =
        kind == JoinKind.INNER
            || kind == JoinKind.SEMI
            || kind == JoinKind.ANTI
            || kind == JoinKind.LEFT;
    if (leftOnly && column < probeTypes.length) {
      probe.offer(column, filter.ofMoreRows());
    } else if (kind == JoinKind.INNER) {
      build.offer(column - probeTypes.length, filter.ofMoreRows());
    }
  }

  @Override
  public BatchSource stream(int index) {
    JoinSides shared = Objects.requireNonNull(sides);
    boolean hopeless =
        shared.buildRows().rows() == 0 && (dropsProbeRows() || kind == JoinKind.RIGHT);
    BatchSource source = hopeless ? NoRows.SOURCE : probe.stream(index);
    Evaluator residual = condition == null ? null : execution.compile(condition);
    if (hash == null) {
      var pairs = new CrossPairs(shared.buildRows().rows());
      return new JoinStream(kind, source, pairs, null, residual, shared, execution);
    }
    JoinTable built = Objects.requireNonNull(table);
    var pairs = new HashPairs(built, ints(probeKeys(hash)), nullsAreEqual(hash));
    boolean atOnce = kind == JoinKind.INNER && built.isUnique() && residual == null;
    return new JoinStream(kind, source, pairs, atOnce ? pairs : null, residual, shared, execution);
  }

  @Override
  public void close() {
    probe.close();
    build.close();
    table = null;
    sides = null;
    Profiles.memory(execution, node, memory);
    memory.close();
  }
}
