package dev.sheaf.compute.transaction;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.storage.VecBuilder;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.row.Row;
import dev.sheaf.protocol.row.RowCodec;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.shard.ShardService.BulkLoad;
import dev.sheaf.rpc.shard.ShardService.BulkRequest;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The rows of one INSERT on their way into a bulk load. Used by one thread. */
final class BulkInsert implements AutoCloseable {
  private final BulkLoad load;
  private final TransactionId id;
  private final DmlContext context;
  private boolean attached;

  private BulkInsert(BulkLoad load, TransactionId id, DmlContext context) {
    this.load = load;
    this.id = id;
    this.context = context;
  }

  /** Begins a load with the rows that the statement has buffered so far. */
  static BulkInsert takingOver(StatementWrites writes, TableDescriptor table, DmlContext context) {
    Transaction transaction = context.transaction();
    Deadline deadline = context.execution().deadline();
    transaction.settle(deadline);
    List<ColumnRequest> columns = new ArrayList<>();
    columns.add(new ColumnRequest(ColumnRequest.KEY_COLUMN, PhysicalType.BYTES, null));
    for (ColumnDescriptor column : table.columns()) {
      columns.add(new ColumnRequest(column.id(), column.type().physical(), null));
    }
    // A table that this transaction creates is not there yet for others: nothing to guard.
    List<byte[]> guards = new ArrayList<>();
    for (byte[] guard : writes.guards()) {
      if (transaction.ownWrites().find(guard) == null) {
        guards.add(guard);
      }
    }
    Timestamp snapshot = transaction.snapshot(deadline).timestamp();
    TransactionId id = context.transactionIds().begunAt(snapshot);
    BulkLoad load =
        transaction
            .shard()
            .service()
            .beginBulk(
                new BulkRequest(
                    transaction.shard().shard(),
                    id,
                    snapshot,
                    table.id(),
                    columns,
                    guards,
                    table.hasHiddenRowId()),
                deadline);
    var bulk = new BulkInsert(load, id, context);
    try {
      bulk.appendBuffered(writes, columns);
      return bulk;
    } catch (RuntimeException | Error e) {
      load.close();
      throw e;
    }
  }

  private void appendBuffered(StatementWrites writes, List<ColumnRequest> columns) {
    List<VecBuilder> builders = builders(columns);
    for (Map.Entry<byte[], StatementWrites.Change> change : writes.changes().entrySet()) {
      byte[] bytes = change.getValue().row();
      if (bytes == null) {
        throw new IllegalStateException("an INSERT removes no rows");
      }
      Row row = RowCodec.decode(bytes);
      builders.getFirst().append(change.getKey());
      for (int i = 1; i < columns.size(); i++) {
        builders.get(i).append(row.values()[row.indexOf(columns.get(i).columnId())]);
      }
      if (builders.getFirst().size() == Batch.MAX_ROWS) {
        send(builders);
        builders = builders(columns);
      }
    }
    send(builders);
    writes.clearRows();
  }

  private static List<VecBuilder> builders(List<ColumnRequest> columns) {
    return columns.stream().map(c -> new VecBuilder(c.type(), Batch.MAX_ROWS)).toList();
  }

  private void send(List<VecBuilder> builders) {
    int rows = builders.getFirst().size();
    if (rows > 0) {
      Vec[] columns = builders.stream().map(VecBuilder::build).toArray(Vec[]::new);
      load.append(Batch.of(columns, rows), context.execution().deadline());
    }
  }

  /**
   * @param keys at the rows' physical positions
   * @param rows columns are the table's
   */
  void append(Vec keys, Batch rows) {
    Vec[] columns = new Vec[rows.columns().length + 1];
    columns[0] = keys;
    System.arraycopy(rows.columns(), 0, columns, 1, rows.columns().length);
    load.append(
        new Batch(columns, rows.rows(), rows.selection(), rows.selected()),
        context.execution().deadline());
  }

  /** Leaves the load to the transaction, to be committed with it. */
  void attach() {
    context.transaction().attach(load, id);
    attached = true;
  }

  /** Drops the load unless it was attached. */
  @Override
  public void close() {
    if (!attached) {
      load.close();
    }
  }
}
