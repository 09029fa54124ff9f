package dev.sheaf.compute.storage;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.key.KeyRange;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one statement reads: storage at its transaction's snapshot, with the transaction's own
 * writes of earlier statements laid over it. Thread-safe.
 */
public interface StatementStorage {

  /** Plans a scan and pins what it needs. Close it when all splits are done or abandoned. */
  Scan scan(ScanSpec spec);

  /**
   * @param columns ordinals in {@code table.columns()}; the batches' columns, in this order
   * @param withKey adds the encoded key as the last column
   * @param pruning predicate over the batches' columns, parameters bound to literals; used only to
   *     skip segments and row groups by zone maps: rows that fail it may still come; null = none
   * @param lateFilter evaluated before columns that it does not need are decoded; null = none
   * @param order in which rows are wanted; null = in any
   * @param asOf past timestamp to read instead of the snapshot (own writes are then not seen); null
   *     = snapshot
   */
  record ScanSpec(
      TableDescriptor table,
      List<Integer> columns,
      boolean withKey,
      KeyRange range,
      @Nullable Expr pruning,
      @Nullable LateFilter lateFilter,
      @Nullable ScanOrder order,
      @Nullable Timestamp asOf) {}

  /**
   * Which rows come best first, because a few of them may be all that is needed. A wish, not more.
   *
   * @param column of the scan's output
   * @param byKey whether the keys of the range have the same order
   * @param rows that may be enough
   * @param head whether they are very likely enough, being the first by key: then the scan
   *     {@linkplain Scan#beyond may end} behind them
   */
  record ScanOrder(int column, boolean descending, boolean byKey, int rows, boolean head) {}

  /**
   * A filter that the scan runs as early as it can; its result must equal filtering the whole
   * batch.
   */
  interface LateFilter {
    /**
     * Positions in the scan's output that the filter reads; the others are not decoded yet (null
     * entries).
     */
    int[] columns();

    /**
     * The batch with the rows that pass selected. Called by several threads, one per split: one
     * filter per split.
     */
    Batch apply(Batch batch);

    /** An instance for another thread. */
    LateFilter copy();

    /**
     * What is true of all rows that pass, over the scan's output, for zone maps; null = nothing is
     * known. It may get stricter while the scan runs.
     */
    default @Nullable Expr bound() {
      return null;
    }

    /**
     * Whether none of the rows can pass that come after those of the last call of {@link #apply},
     * if they come in the order of {@link ScanSpec#order} and that is the keys'.
     */
    default boolean isOver() {
      return false;
    }
  }

  /** Independent parts of a scan. */
  interface Scan extends AutoCloseable {
    /** Parts of roughly 128 Ki rows, to be opened by any thread, each once. */
    List<Split> splits();

    /**
     * What of the range this is not of, because the {@linkplain ScanOrder#head head} was wanted:
     * the end from which rows were not wanted first. Null = nothing.
     */
    default @Nullable KeyRange beyond() {
      return null;
    }

    /** What was read from the object store or its cache, and from the owner, so far. */
    ScanStatistics statistics();

    @Override
    void close();
  }

  interface Split {
    long estimatedRows();

    BatchSource open();
  }

  /**
   * @param segments that may have held rows of the range
   * @param segmentsSkipped of these, by fences and zone maps
   * @param freshRows that the owner sent
   */
  record ScanStatistics(long bytesRead, long segments, long segmentsSkipped, long freshRows) {}

  /** Rows by encoded key, in the keys' order; absent keys give no row. */
  Batch lookup(
      TableDescriptor table,
      List<Integer> columns,
      boolean withKey,
      List<byte[]> keys,
      @Nullable Timestamp asOf);
}
