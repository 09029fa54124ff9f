package dev.sheaf.compute.diff;

import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** The rows that only one side shows, in the order of the key. Used by one thread. */
final class SideRows implements AutoCloseable {
  private final List<RowCursor> all;
  private final PriorityQueue<RowCursor> waiting = new PriorityQueue<>(RowCursor::compareKey);
  private @Nullable RowCursor current;

  SideRows(List<RowCursor> cursors) {
    this.all = cursors;
    this.waiting.addAll(cursors);
  }

  /** Goes to the next row; false if there is none. */
  boolean next() {
    RowCursor before = current;
    current = null;
    if (before != null && before.next()) {
      RowCursor rival = waiting.peek();
      if (rival == null || before.compareKey(rival) < 0) {
        current = before;
        return true;
      }
      waiting.add(before);
    }
    for (RowCursor first = waiting.poll(); first != null; first = waiting.poll()) {
      if (first.hasRow()) {
        current = first;
        return true;
      }
      // So far its place was a lower bound.
      if (first.next()) {
        waiting.add(first);
      }
    }
    return false;
  }

  /** The cursor that stands on the row; null = there is no row (any more). */
  @Nullable RowCursor current() {
    return current;
  }

  @Override
  public void close() {
    current = null;
    waiting.clear();
    all.forEach(RowCursor::close);
  }
}
