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
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Window functions: the input is collected and sorted once, then cut into sections of whole
 * partitions, which the streams take from a common queue and compute one at a time.
 */
final class WindowOperator implements Operator {
  private static final int MIN_SECTION_ROWS = 16 * Batch.MAX_ROWS;

  private final PlanNode.Window node;
  private final Operator input;
  private final Execution execution;
  private final Reservation memory;
  private final PhysicalType[] types;
  private final AtomicInteger nextSection = new AtomicInteger();
  private final Map<WindowFrame, BoundFrame> frames = new HashMap<>();
  private @Nullable SortedRows sorted;

  /** Positions where sections begin, and at last the number of rows. */
  private int[] sections = {0};

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
    RowBuffer buffer =
        limit == null
            ? RowBuffer.collect(input, types, execution, memory)
            : first(wanted, limit.withTies());
    input.close();
    SortedRows rows = SortedRows.of(buffer.toBatch(), node.sort(), execution, memory);
    sorted = rows;
    sections = sections(rows, commonKeys());
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

  private static int[] sections(SortedRows rows, int partitionKeys) {
    int[] begins = new int[rows.size() / MIN_SECTION_ROWS + 2];
    int count = 0;
    for (int p = 0; p < rows.size(); p++) {
      boolean enough = count == 0 || p - begins[count - 1] >= MIN_SECTION_ROWS;
      if (enough && rows.begins(p, partitionKeys)) {
        begins[count++] = p;
      }
    }
    begins[count] = rows.size();
    return Arrays.copyOf(begins, count + 1);
  }

  @Override
  public int width() {
    return Math.max(1, Math.min(execution.parallelism(), sections.length - 1));
  }

  @Override
  public BatchSource stream(int index) {
    SortedRows rows = sorted;
    return rows == null ? NoRows.SOURCE : new Stream(rows);
  }

  /** One section after the other. */
  private final class Stream implements BatchSource {
    private final SortedRows rows;
    private final Reservation held = execution.reservation();
    private List<WindowColumn> columns = List.of();
    private int begin;
    private int position;
    private int end;

    Stream(SortedRows rows) {
      this.rows = rows;
    }

    @Override
    public @Nullable Batch next() {
      if (position == end && !open()) {
        return null;
      }
      execution.check();
      int n = Math.min(Batch.MAX_ROWS, end - position);
      int[] part = new int[n];
      for (int k = 0; k < n; k++) {
        part[k] = rows.row(position + k);
      }
      Vec[] out = new Vec[types.length + columns.size()];
      for (int c = 0; c < types.length; c++) {
        out[c] = Gather.take(rows.column(c), part, n);
      }
      for (int c = 0; c < columns.size(); c++) {
        out[types.length + c] = columns.get(c).values(position - begin, n);
      }
      position += n;
      return Batch.of(out, n);
    }

    /** Whether there is another section. */
    private boolean open() {
      columns = List.of();
      held.close();
      int section = nextSection.getAndIncrement();
      if (section >= sections.length - 1) {
        return false;
      }
      begin = sections[section];
      position = begin;
      end = sections[section + 1];
      columns = columns(new WindowSection(rows, begin, end, execution, held));
      return true;
    }

    @Override
    public void close() {
      columns = List.of();
      Profiles.memory(execution, node, held);
      held.close();
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
    sorted = null;
    sections = new int[] {0};
    Profiles.memory(execution, node, memory);
    memory.close();
  }
}
