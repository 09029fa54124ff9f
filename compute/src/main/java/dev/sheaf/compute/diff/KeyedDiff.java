package dev.sheaf.compute.diff;

import dev.sheaf.columnar.kernel.ValueOrder;
import dev.sheaf.columnar.vector.Vec;
import org.jspecify.annotations.Nullable;

/** Merges the rows of two sides by key, and passes over those that are equal. */
final class KeyedDiff implements TableDiff {
  private final TableViews views;
  private final DiffColumns columns;
  private final SideRows from;
  private final SideRows to;
  private Change change = Change.CHANGED;

  KeyedDiff(TableViews views, DiffColumns columns) {
    this.views = views;
    this.columns = columns;
    this.from = views.onlyFrom();
    this.to = views.onlyTo();
  }

  @Override
  public boolean next() {
    // Before the first row both sides are to go on, as after rows of one key.
    proceed();
    while (true) {
      RowCursor before = from.current();
      RowCursor after = to.current();
      if (before == null && after == null) {
        return false;
      }
      change = compare(before, after);
      if (change != Change.CHANGED || !areEqual(from.current(), to.current())) {
        return true;
      }
      proceed();
    }
  }

  private static Change compare(@Nullable RowCursor before, @Nullable RowCursor after) {
    if (before == null) {
      return Change.ADDED;
    }
    int order = after == null ? -1 : before.compareKey(after);
    return order < 0 ? Change.REMOVED : order > 0 ? Change.ADDED : Change.CHANGED;
  }

  private void proceed() {
    if (change != Change.ADDED) {
      from.next();
    }
    if (change != Change.REMOVED) {
      to.next();
    }
  }

  private boolean areEqual(@Nullable RowCursor before, @Nullable RowCursor after) {
    if (before == null || after == null) {
      return false;
    }
    DiffRow a = before.row();
    DiffRow b = after.row();
    for (int i = 0; i < columns.comparedFrom().length; i++) {
      Vec left = a.batch().column(columns.comparedFrom()[i]);
      Vec right = b.batch().column(columns.comparedTo()[i]);
      boolean isNull = left.isNull(a.row());
      if (isNull != right.isNull(b.row())
          || (!isNull && ValueOrder.compare(left, a.row(), right, b.row()) != 0)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public Change change() {
    return change;
  }

  @Override
  public @Nullable DiffRow before() {
    return change == Change.ADDED ? null : row(from);
  }

  @Override
  public @Nullable DiffRow after() {
    return change == Change.REMOVED ? null : row(to);
  }

  private static @Nullable DiffRow row(SideRows side) {
    RowCursor current = side.current();
    return current == null ? null : current.row();
  }

  @Override
  public void close() {
    try (views;
        from) {
      to.close();
    }
  }
}
