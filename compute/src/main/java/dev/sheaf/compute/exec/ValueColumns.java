package dev.sheaf.compute.exec;

import dev.sheaf.columnar.kernel.Gather;
import dev.sheaf.columnar.kernel.VecAppender;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.Arrays;
import java.util.List;

/** Values of one other row: a number of rows away, or at a place of the frame. */
final class ValueColumns {
  private ValueColumns() {}

  /** Which row a value is taken from; -1 = NULL. */
  private interface Source {
    int of(int row, int[] ranges);
  }

  static WindowColumn firstValue(Vec values, FrameBounds bounds, WindowSection section) {
    return column(
        values, section, (row, ranges) -> bounds.ranges(row, ranges) == 0 ? -1 : ranges[0]);
  }

  static WindowColumn lastValue(Vec values, FrameBounds bounds, WindowSection section) {
    return column(
        values,
        section,
        (row, ranges) -> {
          int count = bounds.ranges(row, ranges);
          return count == 0 ? -1 : ranges[2 * count - 1] - 1;
        });
  }

  static WindowColumn nthValue(Vec values, Vec places, FrameBounds bounds, WindowSection section) {
    return column(
        values,
        section,
        (row, ranges) -> {
          int at = section.row(row);
          if (places.isNull(at)) {
            return -1;
          }
          int left = ((IntVec) places).values()[at];
          if (left <= 0) {
            throw new SheafException(
                ErrorCode.INVALID_ARGUMENT_FOR_NTH_VALUE,
                "argument of nth_value must be greater than zero");
          }
          int count = bounds.ranges(row, ranges);
          for (int r = 0; r < count; r++) {
            int size = ranges[2 * r + 1] - ranges[2 * r];
            if (left <= size) {
              return ranges[2 * r] + left - 1;
            }
            left -= size;
          }
          return -1;
        });
  }

  /**
   * ANY_VALUE: the value of the frame's first row that counts.
   *
   * @param passing the rows that count, ascending
   */
  static WindowColumn firstOf(
      Vec values, int[] passing, FrameBounds bounds, WindowSection section) {
    // Of each row the first one that counts, itself or later; the number of rows = none.
    int[] next = section.ints();
    int from = 0;
    for (int row : passing) {
      Arrays.fill(next, from, row + 1, row);
      from = row + 1;
    }
    Arrays.fill(next, from, next.length, next.length);
    return column(
        values,
        section,
        (row, ranges) -> {
          int count = bounds.ranges(row, ranges);
          for (int r = 0; r < count; r++) {
            int first = next[ranges[2 * r]];
            if (first < ranges[2 * r + 1]) {
              return first;
            }
          }
          return -1;
        });
  }

  private static WindowColumn column(Vec values, WindowSection section, Source source) {
    int[] ranges = new int[2 * FrameBounds.MAX_RANGES];
    return (from, count) -> {
      int[] rows = new int[count];
      for (int k = 0; k < count; k++) {
        int position = source.of(from + k, ranges);
        rows[k] = position < 0 ? -1 : section.row(position);
      }
      return Gather.takeOrNull(values, rows, count);
    };
  }

  /**
   * LAG and LEAD.
   *
   * @param arguments columns: the value, how many rows away (else 1), the value where there is no
   *     such row (else NULL)
   * @param sign -1 for LAG, 1 for LEAD
   */
  static WindowColumn shifted(
      List<Integer> arguments, int sign, PeerGroups groups, WindowSection section) {
    Vec values = section.column(arguments.getFirst());
    int[] first = groups.partitionStart();
    int[] last = groups.partitionEnd();
    return (from, count) -> {
      int[] rows = new int[count];
      int[] defaults = new int[count];
      for (int k = 0; k < count; k++) {
        int i = from + k;
        int at = section.row(i);
        boolean isNull = arguments.size() > 1 && section.column(arguments.get(1)).isNull(at);
        long offset =
            arguments.size() > 1 ? ((IntVec) section.column(arguments.get(1))).values()[at] : 1;
        long target = i + sign * offset;
        boolean inside = target >= first[i] && target < last[i];
        rows[k] = isNull || !inside ? -1 : section.row((int) target);
        defaults[k] = isNull || inside ? -1 : at;
      }
      return arguments.size() < 3
          ? Gather.takeOrNull(values, rows, count)
          : either(values, rows, section.column(arguments.get(2)), defaults, count);
    };
  }

  /** Rows of the one vector or, where those are negative, of the other. */
  private static Vec either(Vec one, int[] rows, Vec other, int[] otherRows, int count) {
    var both = new VecAppender(one.type());
    both.append(Gather.takeOrNull(one, rows, count), null, count);
    both.append(Gather.takeOrNull(other, otherRows, count), null, count);
    int[] chosen = new int[count];
    for (int k = 0; k < count; k++) {
      chosen[k] = rows[k] >= 0 ? k : count + k;
    }
    return Gather.take(both.build(), chosen, count);
  }
}
