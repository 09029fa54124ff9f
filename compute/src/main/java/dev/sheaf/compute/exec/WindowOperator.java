package dev.sheaf.compute.exec;

import dev.sheaf.columnar.kernel.Gather;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.plan.PlanNode.PartitionLimit;
import dev.sheaf.compute.plan.PlanNode.WindowCall;
import dev.sheaf.compute.plan.PlanNode.WindowCalls;
import dev.sheaf.compute.plan.WindowFrame;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Window functions: the input is collected and sorted once, then cut into sections of whole
 * partitions, which the streams take and compute one at a time. Beyond its memory it sorts by runs
 * on disk, unless some window has only one partition.
 */
final class WindowOperator implements Operator {
  private final PlanNode.Window node;
  private final Operator input;
  private final Execution execution;
  private final Reservation memory;
  private final PhysicalType[] types;
  private final Map<WindowFrame, BoundFrame> frames = new HashMap<>();
  private @Nullable RowRuns runs;
  private @Nullable WindowSections sections;

  WindowOperator(PlanNode.Window node, Operator input, Execution execution) {
    this.node = node;
    this.input = input;
    this.execution = execution;
    this.memory = execution.reservation();
    this.types = Columns.types(node.input().output());
  }

  /** A filter of a key by which all windows are partitioned drops partitions as a whole. */
  @Override
  public void offer(int column, RuntimeFilter filter) {
    int common = commonKeys();
    for (int k = 0; k < common; k++) {
      if (node.sort().get(k).column() == column) {
        input.offer(column, filter.ofMoreRows());
      }
    }
  }

  /** So many sort keys, from the first, are partition keys of all windows. */
  private int commonKeys() {
    return node.windows().stream().mapToInt(WindowCalls::partitionKeys).min().orElse(0);
  }

  @Override
  public void prepare() {
    List<Field> fields = node.input().output();
    for (WindowCalls window : node.windows()) {
      for (WindowCall call : window.calls()) {
        frames.computeIfAbsent(call.frame(), f -> BoundFrame.of(f, fields, execution));
      }
    }
    PartitionLimit limit = node.limit();
    Object count = limit == null ? null : execution.constant(limit.count());
    long wanted = limit == null ? Long.MAX_VALUE : count == null ? 0 : ((Number) count).longValue();
    if (wanted <= 0) {
      return;
    }
    input.prepare();
    sections = limit == null ? all() : inMemory(first(wanted, limit.withTies()));
    input.close();
  }

  private WindowSections inMemory(RowBuffer buffer) {
    SortedRows rows = SortedRows.of(buffer.toBatch(), node.sort(), execution, memory);
    return new SortedSections(rows, commonKeys(), execution);
  }

  private WindowSections all() {
    int partitionKeys = commonKeys();
    if (partitionKeys == 0) {
      return inMemory(RowBuffer.collect(input, types, execution, memory));
    }
    var onDisk = new RowRuns(types, new SortOrder(node.sort()), execution, memory);
    runs = onDisk;
    RowBuffer buffer = SortBuffer.collect(input, types, onDisk, execution, memory);
    if (buffer == null) {
      return new MergedSections(onDisk.merged(), types, node.sort(), partitionKeys, execution);
    }
    SortedRows rows = SortedRows.ofReserved(buffer.toBatch(), node.sort(), execution, memory);
    return new SortedSections(rows, partitionKeys, execution);
  }

  private RowBuffer first(long wanted, boolean withTies) {
    int width = input.width();
    PartitionTop[] parts = new PartitionTop[width];
    execution
        .tasks()
        .run(
            width,
            i -> {
              parts[i] = new PartitionTop(node, types, wanted, withTies, execution, memory);
              DrainedStreams.drain(input, i, execution, parts[i]::add);
            });
    PartitionTop all = parts[0];
    for (int i = 1; i < width; i++) {
      all.add(parts[i].rows().toBatch());
      parts[i].rows().release();
    }
    return all.rows();
  }

  @Override
  public int width() {
    return sections == null ? 1 : sections.width();
  }

  @Override
  public BatchSource stream(int index) {
    return sections == null ? NoRows.SOURCE : new Stream(sections);
  }

  /** One section after the other. */
  private final class Stream implements BatchSource {
    private final WindowSections source;
    private final Reservation held = execution.reservation();
    private List<WindowColumn> columns = List.of();
    private @Nullable WindowSection section;
    private int position;

    Stream(WindowSections source) {
      this.source = source;
    }

    @Override
    public @Nullable Batch next() {
      WindowSection current = section;
      if (current == null || position == current.size()) {
        current = open();
        if (current == null) {
          return null;
        }
      }
      execution.check();
      int n = Math.min(Batch.MAX_ROWS, current.size() - position);
      int[] rows = new int[n];
      for (int k = 0; k < n; k++) {
        rows[k] = current.row(position + k);
      }
      Vec[] out = new Vec[types.length + columns.size()];
      for (int c = 0; c < types.length; c++) {
        out[c] = Gather.take(current.column(c), rows, n);
      }
      for (int c = 0; c < columns.size(); c++) {
        out[types.length + c] = columns.get(c).values(position, n);
      }
      position += n;
      return Batch.of(out, n);
    }

    private @Nullable WindowSection open() {
      drop();
      WindowSection next = source.next(held);
      if (next != null) {
        columns = columns(next);
      }
      section = next;
      position = 0;
      return next;
    }

    private void drop() {
      section = null;
      columns = List.of();
      held.close();
    }

    @Override
    public void close() {
      drop();
      Profiles.memory(execution, node, held);
    }
  }

  private List<WindowColumn> columns(WindowSection section) {
    var columns = new ArrayList<WindowColumn>();
    for (WindowCalls window : node.windows()) {
      var groups = new PeerGroups(section, window.partitionKeys(), window.orderKeys());
      var known = new HashMap<BoundFrame, FrameBounds>();
      for (WindowCall call : window.calls()) {
        execution.check();
        columns.add(column(call, section, groups, known));
      }
    }
    return columns;
  }

  private WindowColumn column(
      WindowCall call,
      WindowSection section,
      PeerGroups groups,
      Map<BoundFrame, FrameBounds> known) {
    return switch (call) {
      case PlanNode.AggregateOver a -> {
        List<Field> fields = node.input().output();
        FrameBounds bounds = bounds(a, section, groups, known);
        yield new FrameAggregate(a.call(), fields, bounds, groups, section).column();
      }
      case PlanNode.FunctionOver f -> {
        List<Integer> arguments = f.arguments();
        yield switch (f.fn()) {
          case ROW_NUMBER, RANK, DENSE_RANK, PERCENT_RANK, CUME_DIST, NTILE ->
              RankColumns.of(f.fn(), section, groups, arguments);
          case LAG -> ValueColumns.shifted(arguments, -1, groups, section);
          case LEAD -> ValueColumns.shifted(arguments, 1, groups, section);
          case FIRST_VALUE ->
              ValueColumns.firstValue(
                  section.column(arguments.getFirst()), bounds(f, section, groups, known), section);
          case LAST_VALUE ->
              ValueColumns.lastValue(
                  section.column(arguments.getFirst()), bounds(f, section, groups, known), section);
          case NTH_VALUE ->
              ValueColumns.nthValue(
                  section.column(arguments.get(0)),
                  section.column(arguments.get(1)),
                  bounds(f, section, groups, known),
                  section);
        };
      }
    };
  }

  private FrameBounds bounds(
      WindowCall call,
      WindowSection section,
      PeerGroups groups,
      Map<BoundFrame, FrameBounds> known) {
    BoundFrame frame = Objects.requireNonNull(frames.get(call.frame()));
    return known.computeIfAbsent(frame, f -> FrameBounds.of(f, groups, section));
  }

  @Override
  public void close() {
    input.close();
    if (sections != null) {
      sections.close();
      sections = null;
    }
    if (runs != null) {
      runs.close();
      runs = null;
    }
    Profiles.memory(execution, node, memory);
    memory.close();
  }
}
