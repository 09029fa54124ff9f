package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.Evaluator;
import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.storage.StatementStorage.LateFilter;
import dev.sheaf.compute.storage.StatementStorage.Scan;
import dev.sheaf.compute.storage.StatementStorage.ScanSpec;
import dev.sheaf.compute.storage.StatementStorage.Split;
import dev.sheaf.protocol.key.KeyRange;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Reads a table; the streams take splits from one queue. */
final class ScanOperator implements Operator {
  private final PlanNode.TableScan node;
  private final Execution execution;
  private final AtomicInteger nextSplit = new AtomicInteger();
  private final List<KeyTest> keyTests = new ArrayList<>();
  private @Nullable Scan scan;
  private List<Split> splits = List.of();

  /** A join's filter on one of the scan's columns. */
  private record KeyTest(int column, RuntimeFilter filter) {}

  ScanOperator(PlanNode.TableScan node, Execution execution) {
    this.node = node;
    this.execution = execution;
  }

  @Override
  public void offer(int column, RuntimeFilter filter) {
    keyTests.add(new KeyTest(column, filter));
  }

  @Override
  public void prepare() {
    KeyRange range = KeyRanges.of(node.table(), node.keyBounds(), execution);
    if (range == null) {
      return;
    }
    Expr filter = node.filter();
    boolean filtered = filter != null || !keyTests.isEmpty();
    Scan opened =
        execution
            .context()
            .storage()
            .scan(
                new ScanSpec(
                    node.table(),
                    node.columns(),
                    node.withKey(),
                    range,
                    filter == null ? null : KeyRanges.bound(filter, execution),
                    filtered ? new ScanFilter(filter, keyTests, execution) : null,
                    KeyRanges.asOf(node.asOf(), execution)));
    scan = opened;
    splits = opened.splits();
  }

  @Override
  public int width() {
    return Math.max(1, Math.min(execution.parallelism(), splits.size()));
  }

  @Override
  public BatchSource stream(int index) {
    return new Stream();
  }

  /** Split after split until the queue is empty. */
  private final class Stream implements BatchSource {
    private @Nullable BatchSource current;

    @Override
    public @Nullable Batch next() {
      while (true) {
        execution.check();
        BatchSource source = current;
        if (source == null) {
          int split = nextSplit.getAndIncrement();
          if (split >= splits.size()) {
            return null;
          }
          source = splits.get(split).open();
          current = source;
        }
        Batch batch = source.next();
        if (batch == null) {
          close();
        } else if (!batch.isEmpty()) {
          return batch;
        }
      }
    }

    @Override
    public void close() {
      BatchSource source = current;
      current = null;
      if (source != null) {
        source.close();
      }
    }
  }

  @Override
  public void close() {
    Scan opened = scan;
    scan = null;
    if (opened != null) {
      var profile = execution.context().profile();
      if (profile != null) {
        profile.of(node).bytesRead.add(opened.statistics().bytesRead());
      }
      opened.close();
    }
  }

  /** The scan's own filter, then the joins'. */
  private static final class ScanFilter implements LateFilter {
    private final @Nullable Expr filter;
    private final List<KeyTest> keyTests;
    private final Execution execution;
    private final @Nullable Evaluator condition;

    ScanFilter(@Nullable Expr filter, List<KeyTest> keyTests, Execution execution) {
      this.filter = filter;
      this.keyTests = List.copyOf(keyTests);
      this.execution = execution;
      this.condition = filter == null ? null : execution.compile(filter);
    }

    @Override
    public int[] columns() {
      var columns = new TreeSet<Integer>();
      if (filter != null) {
        for (int c : Columns.readBy(List.of(filter))) {
          columns.add(c);
        }
      }
      keyTests.forEach(t -> columns.add(t.column()));
      return columns.stream().mapToInt(Integer::intValue).toArray();
    }

    @Override
    public Batch apply(Batch batch) {
      Batch passed = condition == null ? batch : condition.select(batch);
      for (KeyTest test : keyTests) {
        passed = passed.isEmpty() ? passed : test.filter().apply(passed, test.column());
      }
      return passed;
    }

    @Override
    public LateFilter copy() {
      return new ScanFilter(filter, keyTests, execution);
    }
  }
}
