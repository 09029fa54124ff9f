package dev.sheaf.pageserver.memtable;

import org.jspecify.annotations.Nullable;

/**
 * One version of a row. For readers it is immutable but for a memo: which segment row it
 * supersedes, once somebody had to find out. Thread-safe; two who find out at once find the same.
 */
public final class Version {
  private final byte @Nullable [] row;
  private final boolean added;
  private volatile @Nullable SupersededRow superseded;
  private @Nullable VersionBlock block;
  private int rowInBlock;

  Version(byte @Nullable [] row, boolean added) {
    this.row = row;
    this.added = added;
    this.superseded = added ? SupersededRow.NONE : null;
  }

  /** By the writer only: where it lies by order of arrival. */
  void placed(VersionBlock in, int at) {
    block = in;
    rowInBlock = at;
  }

  /** By the writer only: a newer version of its key begins. */
  void end(long timestamp) {
    if (block != null) {
      block.end(rowInBlock, timestamp);
    }
  }

  /** Row bytes; null = the key is deleted. */
  public byte @Nullable [] row() {
    return row;
  }

  public boolean isDeletion() {
    return row == null;
  }

  /** Whether the key had no live version before. */
  public boolean added() {
    return added;
  }

  /** Null = nobody has found out yet. */
  public @Nullable SupersededRow superseded() {
    return superseded;
  }

  public void remember(SupersededRow found) {
    superseded = found;
  }

  /**
   * A row of a segment.
   *
   * @param segment the segment's number in this process
   */
  public record SupersededRow(int segment, int row) {
    /** It supersedes no segment's row. */
    public static final SupersededRow NONE = new SupersededRow(-1, -1);
  }
}
