package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.compute.exec.ScanFilter.KeyTest;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.storage.StatementStorage.Scan;
import dev.sheaf.compute.storage.StatementStorage.ScanOrder;
import dev.sheaf.compute.storage.StatementStorage.ScanSpec;
import dev.sheaf.compute.storage.StatementStorage.Split;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.key.KeyRange;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Reads a table; the streams take splits from one queue. */
final class ScanOperator implements Operator {
  private final PlanNode.TableScan node;
  private final Execution execution;
  private final AtomicInteger nextSplit = new AtomicInteger();
  private final List<KeyTest> keyTests = new ArrayList<>();
  private @Nullable ScanOrder order;
  private @Nullable Scan scan;
  private List<Split> splits = List.of();

  ScanOperator(PlanNode.TableScan node, Execution execution) {
    this.node = node;
    this.execution = execution;
  }

  @Override
  public void offer(int column, RuntimeFilter filter) {
    boolean ordered = filter instanceof TopBound && order == null && isKeyOrder(column);
    keyTests.add(new KeyTest(column, filter, ordered));
    if (filter instanceof TopBound bound && order == null) {
      order = new ScanOrder(column, bound.isDescending(), ordered, bound.limit());
    }
  }

  /** Whether the keys of the range have the order of this output column. */
  private boolean isKeyOrder(int column) {
    if (column >= node.columns().size()) {
      return false;
    }
    TableDescriptor table = node.table();
    int id = table.columns().get(node.columns().get(column)).id();
    int inKey = table.primaryKey().indexOf(id);
    return inKey >= 0 && inKey <= node.keyBounds().equal().size();
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
                    filtered ? new ScanFilter(node, keyTests, execution) : null,
                    order,
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
}
