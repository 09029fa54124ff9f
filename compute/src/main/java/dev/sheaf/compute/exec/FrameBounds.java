package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.FrameShape;
import dev.sheaf.columnar.expression.FrameShape.Edge;
import dev.sheaf.columnar.expression.FrameShape.Exclusion;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where the frame of each row of a section begins and ends, and what is excluded in between. Within
 * a partition neither begin nor end ever moves back. Immutable once made.
 */
final class FrameBounds {
  /** A frame is no more than so many ranges of rows. */
  static final int MAX_RANGES = 3;

  private final BoundFrame frame;
  private final PeerGroups groups;
  private final WindowSection section;
  private final int[] start;
  private final int[] end;

  private FrameBounds(
      BoundFrame frame, PeerGroups groups, WindowSection section, int[] start, int[] end) {
    this.frame = frame;
    this.groups = groups;
    this.section = section;
    this.start = start;
    this.end = end;
  }

  static FrameBounds of(BoundFrame frame, PeerGroups groups, WindowSection section) {
    FrameShape shape = frame.shape();
    boolean whole =
        shape.start() == Edge.UNBOUNDED_PRECEDING && shape.end() == Edge.UNBOUNDED_FOLLOWING;
    if (whole) {
      return new FrameBounds(
          frame, groups, section, groups.partitionStart(), groups.partitionEnd());
    }
    var bounds = new FrameBounds(frame, groups, section, section.ints(), section.ints());
    switch (shape.unit()) {
      case ROWS -> bounds.rows();
      case GROUPS -> bounds.groups();
      case RANGE -> bounds.range();
    }
    return bounds;
  }

  /** First row of the row's frame. */
  int start(int row) {
    return start[row];
  }

  /** The row after the last one of the row's frame; not before {@link #start}. */
  int end(int row) {
    return end[row];
  }

  /** Whether the row's frame is that of the row before. */
  boolean isRepeated(int row) {
    return row > 0
        && frame.shape().exclusion() == Exclusion.NO_OTHERS
        && start[row] == start[row - 1]
        && end[row] == end[row - 1];
  }

  private void rows() {
    int[] first = groups.partitionStart();
    int[] last = groups.partitionEnd();
    Edge from = frame.shape().start();
    Edge to = frame.shape().end();
    for (int i = 0; i < start.length; i++) {
      start[i] = rowEdge(from, frame.start(), i, first[i], last[i], 0);
      end[i] = Math.max(start[i], rowEdge(to, frame.end(), i, first[i], last[i], 1));
    }
  }

  /**
   * @param after 1 for the row after the edge's
   */
  private static int rowEdge(Edge edge, long offset, int row, int first, int last, int after) {
    return switch (edge) {
      case UNBOUNDED_PRECEDING -> first;
      case PRECEDING -> offset > row ? first : Math.max(first, (int) (row - offset) + after);
      case CURRENT_ROW -> row + after;
      case FOLLOWING -> offset > last - row ? last : Math.min(last, (int) (row + offset) + after);
      case UNBOUNDED_FOLLOWING -> last;
    };
  }

  private void groups() {
    int n = start.length;
    int[] firstRow = groups.partitionStart();
    int[] lastRow = groups.partitionEnd();
    // Beginnings of the groups of the partition at hand, and its end.
    int[] begins = section.ints();
    for (int partition = 0; partition < n; partition = lastRow[partition]) {
      int count = 0;
      for (int i = partition; i < lastRow[partition]; i = groups.end()[i]) {
        begins[count++] = i;
      }
      int group = 0;
      for (int i = firstRow[partition]; i < lastRow[partition]; i++) {
        if (group + 1 < count && begins[group + 1] == i) {
          group++;
        }
        int last = lastRow[partition];
        Edge from = frame.shape().start();
        start[i] = groupEdge(from, frame.start(), group, begins, count, last, 0);
        int to = groupEdge(frame.shape().end(), frame.end(), group, begins, count, last, 1);
        end[i] = Math.max(start[i], to);
      }
    }
  }

  private static int groupEdge(
      Edge edge, long offset, int group, int[] begins, int count, int last, int after) {
    long at =
        switch (edge) {
          case UNBOUNDED_PRECEDING -> 0;
          case PRECEDING -> offset > group ? 0 : group - offset + after;
          case CURRENT_ROW -> group + after;
          case FOLLOWING -> offset > count ? count : group + offset + after;
          case UNBOUNDED_FOLLOWING -> count;
        };
    return at >= count ? last : begins[(int) at];
  }

  private void range() {
    RangeEdge from = frame.rangeStart();
    RangeEdge to = frame.rangeEnd();
    edge(frame.shape().start(), from, true, start);
    edge(frame.shape().end(), to, false, end);
    for (int i = 0; i < start.length; i++) {
      end[i] = Math.max(start[i], end[i]);
    }
  }

  private void edge(Edge edge, @Nullable RangeEdge offset, boolean isStart, int[] out) {
    switch (edge) {
      case UNBOUNDED_PRECEDING -> copy(groups.partitionStart(), out);
      case CURRENT_ROW -> copy(isStart ? groups.start() : groups.end(), out);
      case UNBOUNDED_FOLLOWING -> copy(groups.partitionEnd(), out);
      case PRECEDING, FOLLOWING -> moved(Objects.requireNonNull(offset), isStart, out);
    }
  }

  private static void copy(int[] in, int[] out) {
    System.arraycopy(in, 0, out, 0, out.length);
  }

  /** An edge an offset away. The frame's edge of rows whose key is NULL is that of the NULLs. */
  private void moved(RangeEdge edge, boolean isStart, int[] out) {
    Vec keys = section.column(edge.key().column());
    RangeEdge.Moved moved = edge.over(keys);
    int[] last = groups.partitionEnd();
    int[] peersEnd = groups.end();
    for (int partition = 0; partition < out.length; partition = last[partition]) {
      int begin = partition;
      int stop = last[partition];
      if (edge.key().nullsFirst()) {
        begin = keys.isNull(section.row(begin)) ? peersEnd[begin] : begin;
      } else {
        stop = keys.isNull(section.row(stop - 1)) ? groups.start()[stop - 1] : stop;
      }
      int found = begin;
      int check = begin;
      for (int i = partition; i < last[partition]; i = peersEnd[i]) {
        if (i >= check) {
          section.execution().check();
          check = i + Batch.MAX_ROWS;
        }
        boolean isNull = i < begin || i >= stop;
        if (!isNull) {
          found = edge.find(moved, section, i, found, stop);
        }
        int at = isNull ? (isStart ? i : peersEnd[i]) : found;
        java.util.Arrays.fill(out, i, peersEnd[i], at);
      }
    }
  }

  /**
   * The row's frame as ranges, ascending, none of them empty.
   *
   * @param out takes begin and end of each
   * @return how many there are
   */
  int ranges(int row, int[] out) {
    int from = start[row];
    int to = end[row];
    return switch (frame.shape().exclusion()) {
      case NO_OTHERS -> add(from, to, out, 0);
      case CURRENT_ROW ->
          add(Math.max(from, row + 1), to, out, add(from, Math.min(to, row), out, 0));
      case GROUP -> {
        int before = add(from, Math.min(to, groups.start()[row]), out, 0);
        yield add(Math.max(from, groups.end()[row]), to, out, before);
      }
      case TIES -> {
        int count = add(from, Math.min(to, groups.start()[row]), out, 0);
        count = add(Math.max(from, row), Math.min(to, row + 1), out, count);
        yield add(Math.max(from, groups.end()[row]), to, out, count);
      }
    };
  }

  private static int add(int from, int to, int[] out, int count) {
    if (from >= to) {
      return count;
    }
    out[2 * count] = from;
    out[2 * count + 1] = to;
    return count + 1;
  }

  boolean onlyGrow() {
    return frame.onlyGrows();
  }

  /** Whether every frame is its partition. */
  boolean areWhole() {
    return onlyGrow() && frame.shape().end() == Edge.UNBOUNDED_FOLLOWING;
  }
}
