package dev.sheaf.rpc.shard.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.protocol.proto.shard.BeginLoad;
import dev.sheaf.protocol.proto.shard.CommitCall;
import dev.sheaf.protocol.proto.shard.Covered;
import dev.sheaf.protocol.proto.shard.OpenView;
import dev.sheaf.protocol.proto.shard.Opened;
import dev.sheaf.protocol.proto.shard.Segment;
import dev.sheaf.protocol.proto.shard.ShardName;
import dev.sheaf.protocol.proto.shard.Transaction;
import dev.sheaf.rpc.grpc.Failures;
import dev.sheaf.rpc.shard.ShardService.BulkRequest;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import dev.sheaf.rpc.shard.ShardService.CommitRequest;
import dev.sheaf.rpc.shard.ShardService.Head;
import dev.sheaf.rpc.shard.ShardService.ReadRequest;
import dev.sheaf.rpc.shard.ShardService.ReadView;
import dev.sheaf.rpc.shard.ShardService.SegmentView;
import dev.sheaf.rpc.shard.ShardService.TransactionStatus;
import dev.sheaf.rpc.shard.ShardService.Write;
import dev.sheaf.rpc.shard.ShardService.WriteKind;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The shard service's records as messages and back. What arrives is checked by the records'
 * constructors and by the service; a message that names nothing is 08P01. Arrays are not copied:
 * neither side changes them afterwards.
 */
final class ShardMessages {
  private ShardMessages() {}

  static ShardName name(ShardId shard) {
    return ShardName.newBuilder()
        .setDatabase(shard.database().value())
        .setShard(shard.number())
        .build();
  }

  static ShardId shard(ShardName name) {
    return new ShardId(new DatabaseId(name.getDatabase()), name.getShard());
  }

  static Transaction transaction(TransactionId id) {
    return Transaction.newBuilder()
        .setHigh(id.value().getMostSignificantBits())
        .setLow(id.value().getLeastSignificantBits())
        .build();
  }

  static TransactionId transaction(Transaction id) {
    return new TransactionId(new UUID(id.getHigh(), id.getLow()));
  }

  static ByteString bytes(byte[] bytes) {
    return UnsafeByteOperations.unsafeWrap(bytes);
  }

  static List<ByteString> bytes(List<byte[]> all) {
    return all.stream().map(ShardMessages::bytes).toList();
  }

  static List<byte[]> arrays(List<ByteString> all) {
    return all.stream().map(ByteString::toByteArray).toList();
  }

  static OpenView open(ReadRequest request, String client, long timeoutNanos) {
    OpenView.Builder open =
        OpenView.newBuilder()
            .setClient(client)
            .setTimeoutNanos(timeoutNanos)
            .setShard(name(request.shard()))
            .setSnapshot(request.snapshot().value())
            .setStartInclusive(bytes(request.range().startInclusive()))
            .addAllColumns(request.columns().stream().map(ColumnMessages::column).toList())
            .addAllConditions(ConditionMessages.conditions(request.conditions()));
    Head head = request.head();
    if (head != null) {
      open.setHead(
          dev.sheaf.protocol.proto.shard.Head.newBuilder()
              .setRows(head.rows())
              .setLast(head.last()));
    }
    byte[] end = request.range().endExclusive();
    return (end == null ? open : open.setEndExclusive(bytes(end))).build();
  }

  static ReadRequest readRequest(OpenView open) {
    List<ColumnRequest> columns =
        open.getColumnsList().stream().map(ColumnMessages::column).toList();
    return new ReadRequest(
        shard(open.getShard()),
        new Timestamp(open.getSnapshot()),
        new KeyRange(
            open.getStartInclusive().toByteArray(),
            open.hasEndExclusive() ? open.getEndExclusive().toByteArray() : null),
        columns,
        open.hasHead() ? new Head(open.getHead().getRows(), open.getHead().getLast()) : null,
        ConditionMessages.conditions(open.getConditionsList(), ColumnMessages.types(columns)));
  }

  static Opened opened(ReadView view) {
    Opened.Builder opened = Opened.newBuilder().setTailRows(view.tailRows());
    KeyRange covered = view.covered();
    if (covered != null) {
      Covered.Builder part =
          Covered.newBuilder().setStartInclusive(bytes(covered.startInclusive()));
      byte[] end = covered.endExclusive();
      opened.setCovered(end == null ? part : part.setEndExclusive(bytes(end)));
    }
    return opened.build();
  }

  /** A view that covers what was not asked for is 08P01. */
  static @Nullable KeyRange covered(Opened opened, KeyRange asked) {
    if (!opened.hasCovered()) {
      return null;
    }
    Covered part = opened.getCovered();
    var covered =
        new KeyRange(
            part.getStartInclusive().toByteArray(),
            part.hasEndExclusive() ? part.getEndExclusive().toByteArray() : null);
    if (!asked.contains(covered)) {
      throw Failures.notUnderstood("a view of more than was asked for");
    }
    return covered;
  }

  static Segment segment(SegmentView view) {
    Segment.Builder segment =
        Segment.newBuilder()
            .setObjectKey(view.objectKey())
            .setSizeBytes(view.sizeBytes())
            .setRowCount(view.rowCount())
            .setFixedTimestamp(view.fixedTimestamp().value())
            .setVisibleUpTo(view.visibleUpTo().value())
            .setCheckRange(view.checkRange());
    int last = 0;
    for (int row : view.deleted()) {
      segment.addDeletedSteps(row - last);
      last = row;
    }
    return segment.build();
  }

  static SegmentView segment(Segment segment) {
    int[] deleted = new int[segment.getDeletedStepsCount()];
    int row = 0;
    for (int i = 0; i < deleted.length; i++) {
      int step = segment.getDeletedSteps(i);
      row += step;
      if (step < 0 || (step == 0 && i > 0) || row < 0 || row >= segment.getRowCount()) {
        throw Failures.notUnderstood("a segment's deleted rows in an order");
      }
      deleted[i] = row;
    }
    return new SegmentView(
        segment.getObjectKey(),
        segment.getSizeBytes(),
        segment.getRowCount(),
        new Timestamp(segment.getFixedTimestamp()),
        new Timestamp(segment.getVisibleUpTo()),
        segment.getCheckRange(),
        deleted);
  }

  static CommitCall commit(CommitRequest request) {
    CommitCall.Builder call =
        CommitCall.newBuilder()
            .setShard(name(request.shard()))
            .setTransaction(transaction(request.transaction()))
            .setSnapshot(request.snapshot().value())
            .addAllGuards(bytes(request.guards()));
    for (Write write : request.writes()) {
      var message =
          dev.sheaf.protocol.proto.shard.Write.newBuilder()
              .setKey(bytes(write.key()))
              .setKind(kind(write.kind()));
      byte[] row = write.row();
      call.addWrites(row == null ? message : message.setRow(bytes(row)));
    }
    Timestamp catalog = request.catalogVersion();
    return (catalog == null ? call : call.setCatalogVersion(catalog.value())).build();
  }

  static CommitRequest commit(CommitCall call) {
    return new CommitRequest(
        shard(call.getShard()),
        transaction(call.getTransaction()),
        new Timestamp(call.getSnapshot()),
        call.getWritesList().stream().map(ShardMessages::write).toList(),
        arrays(call.getGuardsList()),
        call.hasCatalogVersion() ? new Timestamp(call.getCatalogVersion()) : null);
  }

  private static Write write(dev.sheaf.protocol.proto.shard.Write write) {
    return new Write(
        write.getKey().toByteArray(),
        kind(write.getKind()),
        write.hasRow() ? write.getRow().toByteArray() : null);
  }

  private static dev.sheaf.protocol.proto.shard.WriteKind kind(WriteKind kind) {
    return switch (kind) {
      case INSERT -> dev.sheaf.protocol.proto.shard.WriteKind.WRITE_KIND_INSERT;
      case PUT -> dev.sheaf.protocol.proto.shard.WriteKind.WRITE_KIND_PUT;
      case DELETE -> dev.sheaf.protocol.proto.shard.WriteKind.WRITE_KIND_DELETE;
    };
  }

  private static WriteKind kind(dev.sheaf.protocol.proto.shard.WriteKind kind) {
    return switch (kind) {
      case WRITE_KIND_INSERT -> WriteKind.INSERT;
      case WRITE_KIND_PUT -> WriteKind.PUT;
      case WRITE_KIND_DELETE -> WriteKind.DELETE;
      case WRITE_KIND_UNSPECIFIED, UNRECOGNIZED -> throw Failures.notUnderstood("a kind of write");
    };
  }

  static BeginLoad begin(BulkRequest request, String client) {
    return BeginLoad.newBuilder()
        .setClient(client)
        .setShard(name(request.shard()))
        .setTransaction(transaction(request.transaction()))
        .setSnapshot(request.snapshot().value())
        .setTableId(request.tableId())
        .addAllColumns(request.columns().stream().map(ColumnMessages::column).toList())
        .addAllGuards(bytes(request.guards()))
        .setKeysAreNew(request.keysAreNew())
        .build();
  }

  static BulkRequest begin(BeginLoad begin) {
    return new BulkRequest(
        shard(begin.getShard()),
        transaction(begin.getTransaction()),
        new Timestamp(begin.getSnapshot()),
        begin.getTableId(),
        begin.getColumnsList().stream().map(ColumnMessages::column).toList(),
        arrays(begin.getGuardsList()),
        begin.getKeysAreNew());
  }

  static dev.sheaf.protocol.proto.shard.TransactionStatus status(TransactionStatus status) {
    return switch (status) {
      case COMMITTED ->
          dev.sheaf.protocol.proto.shard.TransactionStatus.TRANSACTION_STATUS_COMMITTED;
      case ABORTED -> dev.sheaf.protocol.proto.shard.TransactionStatus.TRANSACTION_STATUS_ABORTED;
      case IN_PROGRESS ->
          dev.sheaf.protocol.proto.shard.TransactionStatus.TRANSACTION_STATUS_IN_PROGRESS;
      case UNKNOWN -> dev.sheaf.protocol.proto.shard.TransactionStatus.TRANSACTION_STATUS_UNKNOWN;
    };
  }

  static TransactionStatus status(dev.sheaf.protocol.proto.shard.TransactionStatus status) {
    return switch (status) {
      case TRANSACTION_STATUS_COMMITTED -> TransactionStatus.COMMITTED;
      case TRANSACTION_STATUS_ABORTED -> TransactionStatus.ABORTED;
      case TRANSACTION_STATUS_IN_PROGRESS -> TransactionStatus.IN_PROGRESS;
      case TRANSACTION_STATUS_UNKNOWN -> TransactionStatus.UNKNOWN;
      case TRANSACTION_STATUS_UNSPECIFIED, UNRECOGNIZED ->
          throw Failures.notUnderstood("a status of a transaction");
    };
  }
}
