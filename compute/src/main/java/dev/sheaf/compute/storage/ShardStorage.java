package dev.sheaf.compute.storage;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.compute.storage.OwnWrites.OwnWrite;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.rpc.shard.ShardService.Head;
import dev.sheaf.rpc.shard.ShardService.ReadRequest;
import dev.sheaf.rpc.shard.ShardService.ReadView;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A statement's reads from one shard: segments straight from the object store, the fresh tail from
 * the shard's owner, the transaction's own writes laid over both. Thread-safe.
 */
public final class ShardStorage implements StatementStorage {
  /** Keys per call to the owner. */
  private static final int KEYS_PER_GET = 1024;

  private final ShardAccess shard;
  private final Timestamp snapshot;
  private final OwnWrites ownWrites;
  private final PastTables past;
  private final Deadline deadline;

  public ShardStorage(
      ShardAccess shard,
      Timestamp snapshot,
      OwnWrites ownWrites,
      PastTables past,
      Deadline deadline) {
    this.shard = shard;
    this.snapshot = snapshot;
    this.ownWrites = ownWrites;
    this.past = past;
    this.deadline = deadline;
  }

  @Override
  public Scan scan(ScanSpec spec) {
    ReadPoint point = readPoint(spec.table(), spec.asOf());
    ReadColumns columns = point.columns(spec.columns(), spec.withKey());
    KeyRange range = point.rangeOf(spec.range());
    List<OwnWrite> own = point.ownWrites().in(range);
    ReadView view =
        shard
            .service()
            .openView(
                new ReadRequest(
                    shard.shard(),
                    point.timestamp(),
                    range,
                    own.isEmpty() ? columns.requests() : columns.andKey(),
                    head(spec, own.size()),
                    conditions(spec)),
                deadline);
    try {
      return new ShardScan(view, shard.segments(), columns, spec, range, point.timestamp(), own);
    } catch (RuntimeException | Error e) {
      view.close();
      throw e;
    }
  }

  /**
   * Own writes may take the place of as many rows of the tail. Past keys may be another table's.
   */
  private static @Nullable Head head(ScanSpec spec, int ownWrites) {
    ScanOrder order = spec.order();
    if (order == null || !order.byKey()) {
      return null;
    }
    long rows = Math.max(1L, order.rows()) + ownWrites;
    return order.head() && spec.asOf() == null && rows < Integer.MAX_VALUE
        ? new Head((int) rows, order.descending())
        : Head.ALL;
  }

  /** What rows have to pass, as far as it is known before the first is read. */
  private static List<Expr> conditions(ScanSpec spec) {
    LateFilter filter = spec.lateFilter();
    return Stream.of(spec.pruning(), filter == null ? null : filter.bound())
        .filter(Objects::nonNull)
        .toList();
  }

  @Override
  public Batch lookup(
      TableDescriptor table,
      List<Integer> columns,
      boolean withKey,
      List<byte[]> keys,
      @Nullable Timestamp asOf) {
    ReadPoint point = readPoint(table, asOf);
    byte @Nullable [][] found = new byte[keys.size()][];
    List<Integer> positions = new ArrayList<>();
    List<byte[]> unknown = new ArrayList<>();
    for (int i = 0; i < found.length; i++) {
      OwnWrite own = point.ownWrites().find(keys.get(i));
      if (own != null) {
        found[i] = own.row();
      } else {
        positions.add(i);
        unknown.add(point.keyOf(keys.get(i)));
      }
    }
    for (int from = 0; from < unknown.size(); from += KEYS_PER_GET) {
      int to = Math.min(unknown.size(), from + KEYS_PER_GET);
      List<byte @Nullable []> rows =
          shard
              .service()
              .get(shard.shard(), point.timestamp(), unknown.subList(from, to), deadline);
      for (int i = from; i < to; i++) {
        found[positions.get(i)] = rows.get(i - from);
      }
    }
    ReadColumns.RowBatch batch = point.columns(columns, withKey).rows(found.length);
    for (int i = 0; i < found.length; i++) {
      byte[] row = found[i];
      if (row != null) {
        batch.add(keys.get(i), row);
      }
    }
    return batch.build();
  }

  private ReadPoint readPoint(TableDescriptor table, @Nullable Timestamp asOf) {
    if (asOf == null) {
      return new ReadPoint(table, table, snapshot, ownWrites);
    }
    if (asOf.isAfter(snapshot)) {
      throw new SheafException(
              ErrorCode.INVALID_PARAMETER_VALUE, "FOR SYSTEM_TIME AS OF is in the future")
          .withHint("The latest time that can be read is the transaction's snapshot.");
    }
    return new ReadPoint(table, past.at(table, asOf), asOf, OwnWrites.NONE);
  }
}
