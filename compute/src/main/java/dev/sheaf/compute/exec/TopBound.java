package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.plan.PlanNode.SortKey;
import dev.sheaf.protocol.type.SqlType;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The first sort key of row N of those seen so far, where N rows are wanted: a row that sorts
 * behind it by that key is none of them. It gets stricter with every cut of some {@link TopRows}.
 */
final class TopBound implements RuntimeFilter {
  private final SortKey key;
  private final int limit;
  private final boolean ofAllRows;
  private final AtomicReference<@Nullable Worst> worst;

  /**
   * @param word as {@link SortOrder#words} gives it
   * @param value physical, null = NULL
   */
  private record Worst(long word, @Nullable Object value) {}

  /**
   * @param key the first key of the order
   * @param limit rows that are wanted
   */
  TopBound(SortKey key, int limit) {
    this(key, limit, true, new AtomicReference<>());
  }

  private TopBound(
      SortKey key, int limit, boolean ofAllRows, AtomicReference<@Nullable Worst> worst) {
    this.key = key;
    this.limit = limit;
    this.ofAllRows = ofAllRows;
    this.worst = worst;
  }

  @Override
  public RuntimeFilter ofMoreRows() {
    return new TopBound(key, limit, false, worst);
  }

  /** Whether all rows that pass it are rows of the order, so that the limit's are enough. */
  boolean isOfAllRows() {
    return ofAllRows;
  }

  boolean isDescending() {
    return key.descending();
  }

  int limit() {
    return limit;
  }

  /** There are as many rows as are wanted that sort no later than this one. */
  void tighten(Batch batch, int row) {
    Vec vec = batch.column(key.column());
    long word = SortOrder.words(vec, key, new int[] {row}, 1)[0];
    var found = new Worst(word, vec.isNull(row) ? null : vec.value(row));
    worst.accumulateAndGet(
        found, (before, now) -> before == null || now.word() < before.word() ? now : before);
  }

  @Override
  public Batch apply(Batch batch, int column) {
    Worst bound = worst.get();
    if (bound == null || batch.isEmpty()) {
      return batch;
    }
    int[] rows = new int[batch.selected()];
    for (int k = 0; k < rows.length; k++) {
      rows[k] = batch.row(k);
    }
    long[] words = SortOrder.words(batch.column(column), key, rows, rows.length);
    int n = 0;
    for (int k = 0; k < words.length; k++) {
      rows[n] = rows[k];
      n += words[k] <= bound.word() ? 1 : 0;
    }
    return n == rows.length ? batch : batch.select(rows, n);
  }

  @Override
  public @Nullable Expr predicate(Expr column) {
    Worst bound = worst.get();
    if (bound == null) {
      return null;
    }
    var isNull = new Expr.Call(Fn.IS_NULL, List.of(column), SqlType.BOOLEAN);
    if (bound.value() == null) {
      return key.nullsFirst() ? isNull : null;
    }
    Expr notBehind =
        RuntimeFilter.comparison(key.descending() ? Fn.GE : Fn.LE, column, bound.value());
    return key.nullsFirst()
        ? new Expr.Call(Fn.OR, List.of(isNull, notBehind), SqlType.BOOLEAN)
        : notBehind;
  }
}
