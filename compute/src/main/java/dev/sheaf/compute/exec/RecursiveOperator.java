package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A recursive query, a step at a time: a step begins when the rows of the one before have been
 * taken, so that a limit above ends a recursion that has no end of its own. The rows of the last
 * two steps are kept, and of UNION without ALL every row once; all of it is charged to the query.
 */
final class RecursiveOperator implements Operator {
  private final PlanNode.Recursive node;
  private final Operator first;
  private final OperatorTree tree;
  private final Execution execution;
  private final PhysicalType[] types;
  private final Reservation memory;

  RecursiveOperator(
      PlanNode.Recursive node, Operator first, OperatorTree tree, Execution execution) {
    this.node = node;
    this.first = first;
    this.tree = tree;
    this.execution = execution;
    this.types = Columns.types(node.output());
    this.memory = execution.reservation();
  }

  @Override
  public void prepare() {
    first.prepare();
  }

  @Override
  public int width() {
    return 1;
  }

  @Override
  public BatchSource stream(int index) {
    return new Steps();
  }

  /** The rows of the first input, then those of each step. */
  private final class Steps implements BatchSource {
    private final Deque<Batch> ready = new ArrayDeque<>();
    private final @Nullable SeenRows seen = node.all() ? null : new SeenRows(types, memory);
    private @Nullable RowBuffer last;
    private boolean ended;

    @Override
    public @Nullable Batch next() {
      while (ready.isEmpty() && !ended) {
        execution.check();
        RowBuffer before = last;
        if (before == null) {
          take(first);
          first.close();
        } else {
          step(before);
        }
      }
      return ready.poll();
    }

    private void step(RowBuffer before) {
      var working = new WorkingTable(before.toBatch());
      Operator step = tree.build(node.step(), execution.recursive(node.id(), working));
      try {
        step.prepare();
        take(step);
      } finally {
        step.close();
      }
      before.release();
    }

    private void take(Operator input) {
      RowBuffer rows = RowBuffer.collect(input, types, execution, memory);
      SeenRows known = seen;
      if (known != null) {
        RowBuffer all = rows;
        rows = new RowBuffer(types, memory);
        for (Batch batch : new WorkingTable(all.toBatch()).slices()) {
          Batch fresh = known.add(batch);
          if (!fresh.isEmpty()) {
            rows.append(fresh);
          }
        }
        all.release();
      }
      last = rows;
      ended = rows.rows() == 0;
      ready.addAll(new WorkingTable(rows.toBatch()).slices());
    }

    @Override
    public void close() {
      ready.clear();
      ended = true;
    }
  }

  /** All rows that have come, each once. One thread. */
  private static final class SeenRows {
    private final KeyEncoder encoder;
    private final GroupTable table;
    private final int[] columns;
    private int[] numbers = new int[Batch.MAX_ROWS];

    SeenRows(PhysicalType[] types, Reservation memory) {
      this.encoder = KeyEncoder.adding(KeyLayout.of(types, true), memory);
      this.table = new GroupTable(encoder.layout().words(), memory);
      this.columns = IntStream.range(0, types.length).toArray();
    }

    /** Those of the batch that have not come before. */
    Batch add(Batch batch) {
      int n = batch.selected();
      if (numbers.length < n) {
        numbers = new int[n];
      }
      encoder.encode(batch, columns);
      int known = table.size();
      table.assign(encoder.words(), encoder.hashes(), n, numbers);
      int[] fresh = new int[table.size() - known];
      int m = 0;
      for (int k = 0; k < n && m < fresh.length; k++) {
        // New rows are numbered in the order in which they first occur.
        if (numbers[k] == known + m) {
          fresh[m++] = batch.row(k);
        }
      }
      return batch.select(fresh, m);
    }
  }

  @Override
  public void close() {
    first.close();
    Profiles.memory(execution, node, memory);
    memory.close();
  }
}
