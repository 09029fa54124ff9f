package dev.sheaf.columnar.expression;

/**
 * Which rows of its partition a row's frame has, but for the offsets of its edges. Never from an
 * edge to one that is before it.
 *
 * @param start not UNBOUNDED_FOLLOWING
 * @param end not UNBOUNDED_PRECEDING
 */
public record FrameShape(Unit unit, Edge start, Edge end, Exclusion exclusion) {
  /** Of a window that says nothing: from the partition's first row to the row's last peer. */
  public static final FrameShape DEFAULT =
      new FrameShape(Unit.RANGE, Edge.UNBOUNDED_PRECEDING, Edge.CURRENT_ROW, Exclusion.NO_OTHERS);

  /** What an offset counts, and what the current row as an edge means. */
  public enum Unit {
    ROWS,
    /** A difference of the one ORDER BY value; the current row is all its peers. */
    RANGE,
    /** Groups of peers; the current row is all its peers. */
    GROUPS
  }

  /** Where a frame begins or ends. */
  public enum Edge {
    UNBOUNDED_PRECEDING,
    PRECEDING,
    CURRENT_ROW,
    FOLLOWING,
    UNBOUNDED_FOLLOWING;

    /** Whether an offset belongs to it. */
    public boolean hasOffset() {
      return this == PRECEDING || this == FOLLOWING;
    }
  }

  /** Rows that are left out of a frame after all. */
  public enum Exclusion {
    NO_OTHERS,
    CURRENT_ROW,
    /** The current row and its peers. */
    GROUP,
    /** The current row's peers, not itself. */
    TIES
  }

  public boolean hasOffset() {
    return start.hasOffset() || end.hasOffset();
  }
}
