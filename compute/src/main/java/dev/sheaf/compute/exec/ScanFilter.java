package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.Evaluator;
import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.storage.StatementStorage.LateFilter;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A scan's own filter, then those that operators above it have offered. One thread. */
final class ScanFilter implements LateFilter {
  private final PlanNode.TableScan node;
  private final List<KeyTest> keyTests;
  private final Execution execution;
  private final @Nullable Evaluator condition;
  private final int[] columns;
  private boolean over;

  /**
   * A filter from above on one of the scan's columns.
   *
   * @param ordered whether rows come in the order of a {@link TopBound}, so that none passes after
   *     one that failed
   */
  record KeyTest(int column, RuntimeFilter filter, boolean ordered) {}

  ScanFilter(PlanNode.TableScan node, List<KeyTest> keyTests, Execution execution) {
    this.node = node;
    this.keyTests = List.copyOf(keyTests);
    this.execution = execution;
    Expr filter = node.filter();
    this.condition = filter == null ? null : execution.compile(filter);
    this.columns = columns(filter, this.keyTests);
  }

  private static int[] columns(@Nullable Expr filter, List<KeyTest> keyTests) {
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
  public int[] columns() {
    return columns;
  }

  @Override
  public Batch apply(Batch batch) {
    Batch passed = condition == null ? batch : condition.select(batch);
    for (KeyTest test : keyTests) {
      int before = passed.selected();
      passed = before == 0 ? passed : test.filter().apply(passed, test.column());
      over |= test.ordered() && passed.selected() < before;
    }
    return passed;
  }

  @Override
  public @Nullable Expr bound() {
    List<Expr> all = new ArrayList<>();
    for (KeyTest test : keyTests) {
      SqlType type = node.output().get(test.column()).type();
      Expr one = test.filter().predicate(new Expr.Column(test.column(), type));
      if (one != null) {
        all.add(one);
      }
    }
    return all.isEmpty() ? null : new Expr.Call(Fn.AND, all, SqlType.BOOLEAN);
  }

  @Override
  public boolean isOver() {
    return over;
  }

  @Override
  public LateFilter copy() {
    return new ScanFilter(node, keyTests, execution);
  }
}
