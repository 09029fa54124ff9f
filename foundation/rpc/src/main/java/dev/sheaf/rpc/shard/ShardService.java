package dev.sheaf.rpc.shard;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a shard's owner does for computes. Implemented by the page server, in process or behind
 * gRPC.
 *
 * <p>All methods are thread-safe, honour the deadline (57014) and fail with {@link
 * dev.sheaf.protocol.error.SheafException}: 3D000 unknown shard, 57P03 not owned here (yet), 40001
 * conflict, 23505 duplicate key, 40003 outcome unknown, 53xxx limits.
 */
public interface ShardService extends ShardInspection {

  /**
   * Draws a timestamp from the database's oracle. Every transaction acknowledged before the call is
   * visible at it.
   */
  Snapshot snapshot(ShardId shard, Deadline deadline);

  /**
   * @param timestamp the snapshot
   * @param catalogVersion commit timestamp of the newest transaction at or below {@code timestamp}
   *     that changed a catalog key (table ids below {@link
   *     dev.sheaf.protocol.catalog.TableDescriptor#FIRST_USER_TABLE_ID}); equal versions mean an
   *     equal catalog
   */
  record Snapshot(Timestamp timestamp, Timestamp catalogVersion) {}

  /** The catalog version in force at a past timestamp. */
  Timestamp catalogVersionAt(ShardId shard, Timestamp timestamp, Deadline deadline);

  /**
   * Row bytes ({@link dev.sheaf.protocol.row.RowCodec}) visible at the snapshot; null where absent.
   */
  List<byte @Nullable []> get(
      ShardId shard, Timestamp snapshot, List<byte[]> keys, Deadline deadline);

  /**
   * Opens a consistent view of a key range: immutable segments for the reader to fetch from the
   * object store by itself, and the fresh tail. Waits for commits in flight that could be visible
   * at the snapshot. The view pins what it names until it is closed.
   *
   * @param deadline of the opening; the view may live longer
   */
  ReadView openView(ReadRequest request, Deadline deadline);

  /**
   * @param range keys of one table
   * @param columns columns of the tail's batches, in this order
   * @param head null = all rows are wanted, the tail's in any order
   * @param conditions over {@code columns}, without parameters; rows of the tail for which one of
   *     them is not TRUE may be left out, to save their way, or may come
   */
  record ReadRequest(
      ShardId shard,
      Timestamp snapshot,
      KeyRange range,
      List<ColumnRequest> columns,
      @Nullable Head head,
      List<Expr> conditions) {

    /** All rows, in any order. */
    public ReadRequest(
        ShardId shard, Timestamp snapshot, KeyRange range, List<ColumnRequest> columns) {
      this(shard, snapshot, range, columns, null, List.of());
    }
  }

  /**
   * The tail comes in ascending key order, and the view {@linkplain ReadView#covered may end} where
   * it has shown so many rows of the tail.
   *
   * @param rows at least 1
   * @param last whether the rows at the end of the range are wanted, rather than those at its start
   */
  record Head(int rows, boolean last) {
    /** All rows, by key. */
    public static final Head ALL = new Head(Integer.MAX_VALUE, false);

    public Head {
      if (rows < 1) {
        throw new SheafException(ErrorCode.INVALID_PARAMETER_VALUE, "the first " + rows + " rows");
      }
    }
  }

  /**
   * One column to read. Rows that lack it show {@code missingValue}.
   *
   * @param columnId id in the table, or {@link #KEY_COLUMN} for the encoded table key as BYTES
   */
  record ColumnRequest(int columnId, PhysicalType type, @Nullable Object missingValue) {
    /** Pseudo column: the encoded {@link dev.sheaf.protocol.key.TableKey}, type BYTES. */
    public static final int KEY_COLUMN = 0;
  }

  /** A pinned view. Thread-safe; close it once, when no part of it is read any more. */
  interface ReadView extends AutoCloseable {
    /** Segments that may hold visible rows of the range, in no particular order. */
    List<SegmentView> segments();

    /**
     * What segments and tail are of: a part of the range at that end from which rows are wanted.
     * Its other end is, or comes right behind, a key that is or was there. Null = the whole range.
     */
    default @Nullable KeyRange covered() {
      return null;
    }

    /** Rows of the memtable visible at the snapshot, in the order asked for; call it once. */
    BatchSource tail();

    /** Upper bound of the tail's rows, for planning. */
    long tailRows();

    @Override
    void close();
  }

  /**
   * An immutable segment as seen from the snapshot. Visible rows: those in the range, with
   * timestamp at or below {@code visibleUpTo}, whose row number {@code deleted} does not name.
   *
   * @param objectKey in the object store
   * @param sizeBytes of the object
   * @param rowCount rows in the segment
   * @param fixedTimestamp commit timestamp of all rows (bulk loads), or {@link Timestamp#ZERO} when
   *     each row has its own
   * @param visibleUpTo rows newer than this are not there: at most the snapshot, less if a branch
   *     sees only the older rows of its parent's segment; {@link Timestamp#MAX}: all rows are old
   *     enough
   * @param checkRange whether some row may be outside of the range
   * @param deleted ascending row numbers not visible at the snapshot (superseded, deleted)
   */
  record SegmentView(
      String objectKey,
      long sizeBytes,
      long rowCount,
      Timestamp fixedTimestamp,
      Timestamp visibleUpTo,
      boolean checkRange,
      int[] deleted) {

    /** Whether some row may be too new, so that each must be checked. */
    public boolean checkTimestamps() {
      return !visibleUpTo.equals(Timestamp.MAX);
    }
  }

  /**
   * Commits a transaction whose writes all lie in this shard; returns after the quorum has the
   * record. Sent again with the same id it gives the same answer, for as long as the outcome is
   * remembered. After 57P03 and 57P01 nothing was done: another owner may be asked.
   */
  CommitResult commit(CommitRequest request, Deadline deadline);

  record CommitResult(Timestamp timestamp) {}

  /**
   * @param snapshot what the transaction read at; a newer version of any written or guarded key is
   *     40001
   * @param writes at most one per key, any order
   * @param guards keys that must not have changed since the snapshot (for example table
   *     descriptors)
   * @param catalogVersion the whole catalog must still be at this version, else 40001: from a
   *     transaction on a snapshot that it did not draw itself; null = whatever it is
   */
  record CommitRequest(
      ShardId shard,
      TransactionId transaction,
      Timestamp snapshot,
      List<Write> writes,
      List<byte[]> guards,
      @Nullable Timestamp catalogVersion) {

    /** Of a transaction on a snapshot of its own. */
    public CommitRequest(
        ShardId shard,
        TransactionId transaction,
        Timestamp snapshot,
        List<Write> writes,
        List<byte[]> guards) {
      this(shard, transaction, snapshot, writes, guards, null);
    }
  }

  /**
   * @param row row bytes; null for DELETE
   */
  record Write(byte[] key, WriteKind kind, byte @Nullable [] row) {}

  enum WriteKind {
    /**
     * The key must be absent. A live row is 23505 whose message ends in {@code key=<hex of the
     * table key>}; the compute, which knows the columns, turns that into a readable key.
     */
    INSERT,
    /** Replaces whatever the snapshot showed, or adds. */
    PUT,
    DELETE
  }

  /**
   * Starts an atomic bulk load: rows become sorted segments in the object store, and one log record
   * makes all of them visible at one timestamp. Nothing is visible, and nothing stays, without
   * {@link BulkLoad#commit}.
   */
  BulkLoad beginBulk(BulkRequest request, Deadline deadline);

  /**
   * @param columns the batches' columns, in order; the first is {@link ColumnRequest#KEY_COLUMN}
   * @param keysAreNew the caller vouches that no key exists (hidden row ids): no uniqueness check
   */
  record BulkRequest(
      ShardId shard,
      TransactionId transaction,
      Timestamp snapshot,
      int tableId,
      List<ColumnRequest> columns,
      List<byte[]> guards,
      boolean keysAreNew) {}

  /** Used by one thread. */
  interface BulkLoad extends AutoCloseable {
    /** Takes rows in any order. Blocks while segments are written: memory stays bounded. */
    void append(dev.sheaf.columnar.vector.Batch batch, Deadline deadline);

    /** Checks uniqueness (23505), draws the timestamp, makes the load durable and visible. */
    CommitResult commit(Deadline deadline);

    /** Rows appended so far. */
    long rows();

    /** Without commit: drops what was uploaded. Idempotent. */
    @Override
    void close();
  }

  /**
   * Whether a transaction committed, for callers that lost the answer. Before ABORTED is answered
   * it is durable: the transaction will be refused by this owner and every later one.
   */
  TransactionStatus status(ShardId shard, TransactionId transaction, Deadline deadline);

  enum TransactionStatus {
    COMMITTED,
    /** Not committed and never will be. */
    ABORTED,
    IN_PROGRESS,
    /** Older than what the shard remembers. */
    UNKNOWN
  }

  /** Estimated number of live rows and bytes of a table, for the planner. */
  TableSize sizeOf(ShardId shard, int tableId, Deadline deadline);

  record TableSize(long rows, long bytes) {}

  /**
   * Lets a new shard begin as this one is at a timestamp, without copying rows: returns when the
   * child's first manifest is durable. It names the parent's objects, so these must be kept for as
   * long as the child may read them. Doing it again changes nothing.
   *
   * @param child a shard that nobody has opened; the root shard of another database
   * @param at not in the future (22023)
   */
  void branch(ShardId parent, ShardId child, Timestamp at, Deadline deadline);
}
