package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.exec.ScanFilter.KeyTest;
import dev.sheaf.compute.plan.Exprs;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.plan.PlanNode.KeyBounds;
import dev.sheaf.compute.storage.StatementStorage.Scan;
import dev.sheaf.compute.storage.StatementStorage.ScanOrder;
import dev.sheaf.compute.storage.StatementStorage.ScanSpec;
import dev.sheaf.compute.storage.StatementStorage.Split;
import dev.sheaf.compute.storage.VecBuilder;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Reads a table; the streams take splits from one queue. Where the first rows by key are very
 * likely enough it reads just these, in one stream, which goes on beyond them if it has to.
 */
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
      boolean head = ordered && bound.isOfAllRows() && readsOnlyItsRange(column);
      order = new ScanOrder(column, bound.isDescending(), ordered, bound.limit(), head);
    }
  }

  /**
   * Whether the filter seems to say no more than the bounds of the key, whose first column that
   * they do not fix is the one of the order. A guess is enough: what is beyond the head can be
   * read.
   */
  private boolean readsOnlyItsRange(int column) {
    KeyBounds bounds = node.keyBounds();
    int conditions =
        bounds.equal().size() + (bounds.lower() == null ? 0 : 1) + (bounds.upper() == null ? 0 : 1);
    return node.asOf() == null
        && inKey(column) == bounds.equal().size()
        && Exprs.conjuncts(node.filter()).size() <= conditions;
  }

  /** Which column of the primary key it is; -1 = none. */
  private int inKey(int column) {
    if (column >= node.columns().size()) {
      return -1;
    }
    TableDescriptor table = node.table();
    int id = table.columns().get(node.columns().get(column)).id();
    return table.primaryKey().indexOf(id);
  }

  /** Whether the keys of the range have the order of this output column. */
  private boolean isKeyOrder(int column) {
    int inKey = inKey(column);
    return inKey >= 0 && inKey <= node.keyBounds().equal().size();
  }

  @Override
  public void prepare() {
    KeyRange range = KeyRanges.of(node.table(), node.keyBounds(), execution);
    if (range != null) {
      open(range, order);
    }
  }

  private void open(KeyRange range, @Nullable ScanOrder wanted) {
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
                    wanted,
                    KeyRanges.asOf(node.asOf(), execution)));
    scan = opened;
    splits = opened.splits();
    nextSplit.set(0);
  }

  @Override
  public int width() {
    return beyond() != null || readsFewRows()
        ? 1
        : Math.max(1, Math.min(execution.parallelism(), splits.size()));
  }

  /** Whether a second stream would only read what the first one shows to be too much. */
  private boolean readsFewRows() {
    return order != null
        && order.head()
        && order.rows() <= Batch.MAX_ROWS
        && inKey(order.column()) == node.table().primaryKey().size() - 1;
  }

  private @Nullable KeyRange beyond() {
    return scan == null ? null : scan.beyond();
  }

  /** By the only stream, at the end of its splits: false if there is no more to read. */
  private boolean readsBeyond() {
    KeyRange beyond = beyond();
    ScanOrder wanted = order;
    if (beyond == null || wanted == null || !mayPassBeyond(beyond, wanted)) {
      return false;
    }
    close();
    open(
        beyond,
        new ScanOrder(wanted.column(), wanted.descending(), wanted.byKey(), wanted.rows(), false));
    return true;
  }

  /** Whether the row would pass that comes first there by the order, if there is one. */
  private boolean mayPassBeyond(KeyRange beyond, ScanOrder wanted) {
    byte[] first =
        wanted.descending()
            ? Objects.requireNonNull(beyond.endExclusive())
            : beyond.startInclusive();
    PhysicalType[] types = KeyRanges.keyTypes(node.table());
    int inKey = inKey(wanted.column());
    Object value = TableKey.decode(first, types)[inKey];
    Vec[] row = new Vec[wanted.column() + 1];
    row[wanted.column()] = VecBuilder.constant(types[inKey], value, 1);
    return keyTests.stream()
        .filter(KeyTest::ordered)
        .noneMatch(test -> test.filter().apply(Batch.of(row, 1), test.column()).isEmpty());
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
            if (!readsBeyond()) {
              return null;
            }
            continue;
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
        profile.of(node).add(opened.statistics());
      }
      opened.close();
    }
  }
}
