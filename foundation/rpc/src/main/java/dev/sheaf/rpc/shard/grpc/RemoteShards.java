package dev.sheaf.rpc.shard.grpc;

import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.proto.shard.BranchAnswer;
import dev.sheaf.protocol.proto.shard.BranchCall;
import dev.sheaf.protocol.proto.shard.CatalogVersionAnswer;
import dev.sheaf.protocol.proto.shard.CatalogVersionCall;
import dev.sheaf.protocol.proto.shard.CommitAnswer;
import dev.sheaf.protocol.proto.shard.CommitCall;
import dev.sheaf.protocol.proto.shard.GetAnswer;
import dev.sheaf.protocol.proto.shard.GetCall;
import dev.sheaf.protocol.proto.shard.PlanSweepAnswer;
import dev.sheaf.protocol.proto.shard.PlanSweepCall;
import dev.sheaf.protocol.proto.shard.ShardApiGrpc;
import dev.sheaf.protocol.proto.shard.SizeAnswer;
import dev.sheaf.protocol.proto.shard.SizeCall;
import dev.sheaf.protocol.proto.shard.SnapshotAnswer;
import dev.sheaf.protocol.proto.shard.SnapshotCall;
import dev.sheaf.protocol.proto.shard.StatusAnswer;
import dev.sheaf.protocol.proto.shard.StatusCall;
import dev.sheaf.protocol.proto.shard.StoredRow;
import dev.sheaf.rpc.grpc.Failures;
import dev.sheaf.rpc.shard.ShardService;
import dev.sheaf.rpc.shard.grpc.UnaryCall.LostCallException;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The shards of one page server, behind a gRPC channel that belongs to the caller and reconnects by
 * itself. Nothing is ever sent twice. Thread-safe; closing it ends its views and loads.
 *
 * <p>Errors of the connection: 58030 for what may be repeated (all but commits), 57014 when the
 * deadline passed; a commit fails with 57P03 when it surely was not sent, and with 40003 and the
 * transaction's id when nobody knows.
 */
public final class RemoteShards implements ShardService, AutoCloseable {
  private static final int KEYS_PER_CALL = 4096;

  /** A third of a lease, and some. */
  private static final long RENEW_MILLIS = ShardLimits.DEFAULT.leaseMillis() / 4;

  private final Channel channel;
  private final String client;
  private final Renewals renewals;
  private final LongSupplier nanoTime;

  /**
   * @param channel of {@link dev.sheaf.rpc.grpc.ClusterTransport#channel}
   * @param client this process: the server limits views and loads for each
   * @param timer renews views and loads; stays the caller's
   * @param nanoTime monotonic clock that the callers' deadlines refer to
   */
  public RemoteShards(
      Channel channel, String client, ScheduledExecutorService timer, LongSupplier nanoTime) {
    this.channel = channel;
    this.client = client;
    this.renewals = new Renewals(timer, RENEW_MILLIS);
    this.nanoTime = nanoTime;
  }

  @Override
  public Snapshot snapshot(ShardId shard, Deadline deadline) {
    SnapshotAnswer answer =
        one(
            ShardApiGrpc.getSnapshotMethod(),
            SnapshotCall.newBuilder().setShard(ShardMessages.name(shard)).build(),
            deadline);
    return switch (answer.getAnswerCase()) {
      case DRAWN ->
          new Snapshot(
              new Timestamp(answer.getDrawn().getTimestamp()),
              new Timestamp(answer.getDrawn().getCatalogVersion()));
      case FAILURE -> throw Failures.toException(answer.getFailure());
      case ANSWER_NOT_SET -> throw Failures.notUnderstood("an answer");
    };
  }

  @Override
  public Timestamp catalogVersionAt(ShardId shard, Timestamp timestamp, Deadline deadline) {
    CatalogVersionAnswer answer =
        one(
            ShardApiGrpc.getCatalogVersionMethod(),
            CatalogVersionCall.newBuilder()
                .setShard(ShardMessages.name(shard))
                .setTimestamp(timestamp.value())
                .build(),
            deadline);
    return switch (answer.getAnswerCase()) {
      case TIMESTAMP -> new Timestamp(answer.getTimestamp());
      case FAILURE -> throw Failures.toException(answer.getFailure());
      case ANSWER_NOT_SET -> throw Failures.notUnderstood("an answer");
    };
  }

  @Override
  public List<byte @Nullable []> get(
      ShardId shard, Timestamp snapshot, List<byte[]> keys, Deadline deadline) {
    var rows = new ArrayList<byte @Nullable []>(keys.size());
    for (int from = 0; from < keys.size(); from += KEYS_PER_CALL) {
      int end = Math.min(keys.size(), from + KEYS_PER_CALL);
      GetCall call =
          GetCall.newBuilder()
              .setShard(ShardMessages.name(shard))
              .setSnapshot(snapshot.value())
              .addAllKeys(ShardMessages.bytes(keys.subList(from, end)))
              .build();
      for (GetAnswer answer : all(ShardApiGrpc.getGetMethod(), call, deadline)) {
        switch (answer.getAnswerCase()) {
          case ROWS -> answer.getRows().getRowsList().forEach(row -> rows.add(bytes(row)));
          case FAILURE -> throw Failures.toException(answer.getFailure());
          case ANSWER_NOT_SET -> throw Failures.notUnderstood("an answer");
        }
      }
      if (rows.size() != end) {
        throw new SheafException(
            ErrorCode.PROTOCOL_VIOLATION, rows.size() + " rows for " + end + " keys");
      }
    }
    return rows;
  }

  private static byte @Nullable [] bytes(StoredRow row) {
    return row.hasRow() ? row.getRow().toByteArray() : null;
  }

  @Override
  public ReadView openView(ReadRequest request, Deadline deadline) {
    deadline.check(nanoTime.getAsLong());
    return RemoteView.open(channel, client, request, renewals, deadline, nanoTime);
  }

  @Override
  public CommitResult commit(CommitRequest request, Deadline deadline) {
    CommitCall call = ShardMessages.commit(request);
    if (call.getSerializedSize() > ShardEndpoint.MAX_MESSAGE_BYTES) {
      throw new SheafException(
              ErrorCode.PROGRAM_LIMIT_EXCEEDED,
              "the transaction writes " + call.getSerializedSize() + " bytes")
          .withHint("Split it, or load the rows in bulk.");
    }
    CommitAnswer answer;
    try {
      answer =
          new UnaryCall<CommitCall, CommitAnswer>()
              .run(channel, ShardApiGrpc.getCommitMethod(), call, deadline, nanoTime)
              .getFirst();
    } catch (LostCallException e) {
      throw LostCalls.commit(request.transaction(), e.maybeSent(), e.status());
    }
    return switch (answer.getAnswerCase()) {
      case TIMESTAMP -> new CommitResult(new Timestamp(answer.getTimestamp()));
      case FAILURE -> throw Failures.toException(answer.getFailure());
      case ANSWER_NOT_SET ->
          throw LostCalls.unknown(request.transaction(), "an answer without content", null);
    };
  }

  @Override
  public BulkLoad beginBulk(BulkRequest request, Deadline deadline) {
    deadline.check(nanoTime.getAsLong());
    return RemoteLoad.begin(channel, client, request, renewals, deadline, nanoTime);
  }

  @Override
  public TransactionStatus status(ShardId shard, TransactionId transaction, Deadline deadline) {
    StatusAnswer answer =
        one(
            ShardApiGrpc.getStatusMethod(),
            StatusCall.newBuilder()
                .setShard(ShardMessages.name(shard))
                .setTransaction(ShardMessages.transaction(transaction))
                .build(),
            deadline);
    return switch (answer.getAnswerCase()) {
      case STATUS -> ShardMessages.status(answer.getStatus());
      case FAILURE -> throw Failures.toException(answer.getFailure());
      case ANSWER_NOT_SET -> throw Failures.notUnderstood("an answer");
    };
  }

  @Override
  public TableSize sizeOf(ShardId shard, int tableId, Deadline deadline) {
    SizeAnswer answer =
        one(
            ShardApiGrpc.getSizeMethod(),
            SizeCall.newBuilder().setShard(ShardMessages.name(shard)).setTableId(tableId).build(),
            deadline);
    return switch (answer.getAnswerCase()) {
      case SIZE -> new TableSize(answer.getSize().getRows(), answer.getSize().getBytes());
      case FAILURE -> throw Failures.toException(answer.getFailure());
      case ANSWER_NOT_SET -> throw Failures.notUnderstood("an answer");
    };
  }

  @Override
  public void branch(ShardId parent, ShardId child, Timestamp at, Deadline deadline) {
    BranchAnswer answer =
        one(
            ShardApiGrpc.getBranchMethod(),
            BranchCall.newBuilder()
                .setParent(ShardMessages.name(parent))
                .setChild(ShardMessages.name(child))
                .setAt(at.value())
                .build(),
            deadline);
    switch (answer.getAnswerCase()) {
      case BRANCHED -> {
        // Nothing more to say.
      }
      case FAILURE -> throw Failures.toException(answer.getFailure());
      case ANSWER_NOT_SET -> throw Failures.notUnderstood("an answer");
    }
  }

  @Override
  public Checked check(ShardId shard, CheckListener listener, Deadline deadline) {
    deadline.check(nanoTime.getAsLong());
    return new RemoteCheck(nanoTime).run(channel, shard, listener, deadline);
  }

  @Override
  public SweepPlan planSweep(ShardId shard, Deadline deadline) {
    PlanSweepAnswer answer =
        one(
            ShardApiGrpc.getPlanSweepMethod(),
            PlanSweepCall.newBuilder().setShard(ShardMessages.name(shard)).build(),
            deadline);
    return switch (answer.getAnswerCase()) {
      case PLAN -> InspectionMessages.plan(answer.getPlan());
      case FAILURE -> throw Failures.toException(answer.getFailure());
      case ANSWER_NOT_SET -> throw Failures.notUnderstood("an answer");
    };
  }

  private <Q, A> A one(MethodDescriptor<Q, A> method, Q call, Deadline deadline) {
    return all(method, call, deadline).getFirst();
  }

  private <Q, A> List<A> all(MethodDescriptor<Q, A> method, Q call, Deadline deadline) {
    deadline.check(nanoTime.getAsLong());
    try {
      return new UnaryCall<Q, A>().run(channel, method, call, deadline, nanoTime);
    } catch (LostCallException e) {
      throw LostCalls.read(e.status());
    }
  }

  @Override
  public void close() {
    renewals.close();
  }
}
