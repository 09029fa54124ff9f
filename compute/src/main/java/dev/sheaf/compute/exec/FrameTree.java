package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import java.util.Arrays;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Aggregates of any frames by a segment tree, all rows of a section at once (Leis, Kundhikanjana,
 * Kemper, Neumann: Efficient Processing of Window Functions in Analytical SQL Queries, VLDB 2015).
 * Groups of one accumulator are the nodes: first one per row, then one for each {@link #FAN_OUT} of
 * the level below. A frame is a few nodes of each level. One thread.
 */
final class FrameTree implements WindowColumn {
  private static final int FAN_OUT = 8;

  /** Nodes that are merged at once. */
  private static final int CHUNK = 2 * Batch.MAX_ROWS;

  private final Accumulator nodes;
  private final Function<Reservation, Accumulator> accumulators;
  private final FrameBounds bounds;
  private final WindowSection section;
  private final int[] levels;
  private final int[] ranges = new int[2 * FrameBounds.MAX_RANGES];
  private final int[] from = new int[CHUNK];
  private final int[] to = new int[CHUNK];
  private int pending;

  /** Puts rows into an accumulator's groups, see {@link FrameAggregate}. */
  interface Leaves {
    void add(Accumulator into, int[] rows, int @Nullable [] groupOf, int shift);
  }

  /**
   * @param nodes empty
   * @param passing rows that count
   * @param accumulators makes one of the same kind
   */
  FrameTree(
      Accumulator nodes,
      int[] passing,
      Leaves leaves,
      Function<Reservation, Accumulator> accumulators,
      FrameBounds bounds,
      WindowSection section) {
    this.nodes = nodes;
    this.accumulators = accumulators;
    this.bounds = bounds;
    this.section = section;
    this.levels = levels(section.size());
    nodes.ensure(Math.max(1, levels[levels.length - 1]));
    leaves.add(nodes, passing, null, 0);
    for (int level = 1; level < levels.length - 1; level++) {
      build(level);
    }
  }

  /** The first group of each level, and at last the number of groups. */
  private static int[] levels(int rows) {
    int[] first = new int[33];
    int count = 1;
    int size = rows;
    long end = size;
    first[1] = (int) end;
    while (size > FAN_OUT) {
      size = (size + FAN_OUT - 1) / FAN_OUT;
      end += size;
      first[++count] = Math.toIntExact(end);
    }
    return Arrays.copyOf(first, count + 1);
  }

  private void build(int level) {
    int below = levels[level - 1];
    int size = levels[level] - below;
    for (int begin = 0; begin < size; begin += CHUNK) {
      section.execution().check();
      int count = Math.min(CHUNK, size - begin);
      for (int k = 0; k < count; k++) {
        from[k] = below + begin + k;
        to[k] = levels[level] + (begin + k) / FAN_OUT;
      }
      nodes.merge(nodes, from, to, count);
    }
  }

  @Override
  public Vec values(int first, int count) {
    try (Reservation scratch = section.execution().reservation()) {
      Accumulator out = accumulators.apply(scratch);
      out.ensure(count);
      int[] slots = new int[count];
      int used = -1;
      for (int k = 0; k < count; k++) {
        if (used < 0 || !bounds.isRepeated(first + k)) {
          used++;
          int found = bounds.ranges(first + k, ranges);
          for (int r = 0; r < found; r++) {
            cover(ranges[2 * r], ranges[2 * r + 1], used, out);
          }
        }
        slots[k] = used;
      }
      flush(out);
      return out.result(slots, count);
    }
  }

  /** Merges the nodes of rows {@code begin} to {@code end} into a group. */
  private void cover(int begin, int end, int into, Accumulator out) {
    int a = begin;
    int b = end;
    for (int level = 0; a < b; level++) {
      boolean top = level == levels.length - 2 || b - a <= FAN_OUT;
      while (a < b && (top || a % FAN_OUT != 0)) {
        take(levels[level] + a++, into, out);
      }
      while (a < b && b % FAN_OUT != 0) {
        take(levels[level] + --b, into, out);
      }
      a /= FAN_OUT;
      b /= FAN_OUT;
    }
  }

  private void take(int node, int into, Accumulator out) {
    if (pending == CHUNK) {
      flush(out);
    }
    from[pending] = node;
    to[pending++] = into;
  }

  private void flush(Accumulator out) {
    out.merge(nodes, from, to, pending);
    pending = 0;
  }
}
