package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.Evaluator;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.plan.PlanNode.JoinKind;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Hash join and nested-loop join: the {@linkplain JoinShape build input} is kept, the probe input
 * streams past it. A build side of integer keys gives the probe side's scan a filter before that is
 * opened. A hash join whose build side does not fit into memory becomes a {@link SpilledJoin}; it
 * may be made one by an operator of its probe input that needs the memory.
 */
final class JoinOperator implements Operator, Spilling.Resting {
  private final JoinShape shape;
  private final Operator probe;
  private final Operator build;
  private final Execution execution;
  private final Reservation memory;
  private final BuildSide side;
  private long filterBytes;
  private @Nullable JoinSides sides;
  private @Nullable JoinTable table;
  private @Nullable SpilledJoin spilled;

  JoinOperator(PlanNode.HashJoin node, Operator left, Operator right, Execution execution) {
    this(
        JoinShape.of(node),
        node.buildLeft() ? right : left,
        node.buildLeft() ? left : right,
        execution);
  }

  JoinOperator(PlanNode.NestedLoopJoin node, Operator left, Operator right, Execution execution) {
    this(JoinShape.of(node), left, right, execution);
  }

  private JoinOperator(JoinShape shape, Operator probe, Operator build, Execution execution) {
    this.shape = shape;
    this.probe = probe;
    this.build = build;
    this.execution = execution;
    this.memory = execution.reservation();
    PlanNode.HashJoin hash = shape.hash();
    KeyPartitioner partitioner = hash == null ? null : new KeyPartitioner(shape.buildKeys(hash));
    this.side = new BuildSide(partitioner, shape.buildTypes(), execution, memory);
  }

  @Override
  public void prepare() {
    build.prepare();
    side.collect(build);
    build.close();
    if (shape.hash() == null) {
      probe.prepare();
    } else {
      prepareProbe(shape.hash());
    }
    if (side.isSpilled()) {
      spilled = SpilledJoin.of(shape, side.partitions(), probe, execution);
      return;
    }
    if (shape.kept() != JoinSides.Kept.NONE) {
      memory.add(side.rows().rows());
    }
    sides = shape.sides(side.rows(), probe.width());
  }

  private void prepareProbe(PlanNode.HashJoin hash) {
    if (!side.isSpilled()) {
      buildTable(hash);
    }
    if (side.isSpilled()) {
      probe.prepare();
      return;
    }
    execution.spilling().rest(this);
    try {
      probe.prepare();
    } finally {
      execution.spilling().resume(this);
    }
  }

  private void buildTable(PlanNode.HashJoin hash) {
    Batch rows = side.rows();
    int[] keys = shape.buildKeys(hash);
    KeyLayout layout = shape.layout(hash);
    long needed = JoinTable.sizeBytes(rows, keys, layout);
    if (!execution.spilling().tryAdd(memory, needed)) {
      spill();
      return;
    }
    memory.remove(needed);
    table = JoinTable.build(rows, keys, layout, shape.nullsAreEqual(hash), execution, memory);
    if (shape.needsBuildRows()) {
      offerFilters(hash, rows, keys);
    }
  }

  private void offerFilters(PlanNode.HashJoin hash, Batch rows, int[] keys) {
    int[] probeKeys = shape.probeKeys(hash);
    for (int c = 0; c < keys.length; c++) {
      Vec key = rows.column(keys[c]);
      boolean integers = key instanceof Vec.IntVec || key instanceof Vec.LongVec;
      JoinKeyFilter.Plan filter =
          integers && !hash.nullsAreEqual().get(c) ? JoinKeyFilter.over(key) : null;
      // It only saves time: where there is little memory it is left out.
      if (filter != null && execution.spilling().tryAddSpare(memory, filter.sizeBytes())) {
        filterBytes += filter.sizeBytes();
        probe.offer(probeKeys[c], filter.build());
      }
    }
  }

  @Override
  public long heldBytes() {
    return memory.heldBytes();
  }

  /** Filters stay where they are. */
  @Override
  public void spill() {
    table = null;
    side.spill();
    memory.remove(memory.heldBytes() - filterBytes);
  }

  @Override
  public int width() {
    return spilled == null ? probe.width() : spilled.width();
  }

  /** To the side that the column comes from, unless missing rows there would make NULLs. */
  @Override
  public void offer(int column, RuntimeFilter filter) {
    if (shape.buildLeft()) {
      build.offer(column, filter.ofMoreRows());
      return;
    }
    int probeColumns = shape.probeTypes().length;
    boolean leftOnly =
        switch (shape.kind()) {
          case INNER, SEMI, ANTI, LEFT -> true;
          case RIGHT, FULL -> false;
        };
    if (leftOnly && column < probeColumns) {
      probe.offer(column, filter.ofMoreRows());
    } else if (shape.kind() == JoinKind.INNER) {
      build.offer(column - probeColumns, filter.ofMoreRows());
    }
  }

  @Override
  public BatchSource stream(int index) {
    if (spilled != null) {
      return spilled.stream();
    }
    JoinSides shared = Objects.requireNonNull(sides);
    boolean hopeless = shared.buildRows().rows() == 0 && shape.needsBuildRows();
    BatchSource source = hopeless ? NoRows.SOURCE : probe.stream(index);
    return stream(shape, source, table, shared, null, execution);
  }

  /**
   * The join of probe rows with a build side.
   *
   * @param table over the build rows; null = a nested-loop join
   */
  static BatchSource stream(
      JoinShape shape,
      BatchSource probe,
      @Nullable JoinTable table,
      JoinSides sides,
      @Nullable ProbeMarks marks,
      Execution execution) {
    Evaluator residual = shape.condition() == null ? null : execution.compile(shape.condition());
    PlanNode.HashJoin hash = shape.hash();
    if (hash == null || table == null) {
      var pairs = new CrossPairs(sides.buildRows().rows());
      return new JoinStream(shape.kind(), probe, pairs, null, residual, sides, marks, execution);
    }
    var pairs = new HashPairs(table, shape.probeKeys(hash), shape.nullsAreEqual(hash));
    boolean atOnce = shape.kind() == JoinKind.INNER && table.isUnique() && residual == null;
    return new JoinStream(
        shape.kind(), probe, pairs, atOnce ? pairs : null, residual, sides, marks, execution);
  }

  @Override
  public void close() {
    probe.close();
    build.close();
    table = null;
    sides = null;
    Profiles.memory(execution, shape.node(), memory);
    memory.close();
    if (spilled != null) {
      spilled.close();
    }
  }
}
