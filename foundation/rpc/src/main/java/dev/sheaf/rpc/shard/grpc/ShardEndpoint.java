package dev.sheaf.rpc.shard.grpc;

import com.google.protobuf.MessageLite;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.proto.error.Failure;
import dev.sheaf.protocol.proto.shard.BranchAnswer;
import dev.sheaf.protocol.proto.shard.BranchCall;
import dev.sheaf.protocol.proto.shard.Branched;
import dev.sheaf.protocol.proto.shard.CatalogVersionAnswer;
import dev.sheaf.protocol.proto.shard.CatalogVersionCall;
import dev.sheaf.protocol.proto.shard.CheckAnswer;
import dev.sheaf.protocol.proto.shard.CheckCall;
import dev.sheaf.protocol.proto.shard.CommitAnswer;
import dev.sheaf.protocol.proto.shard.CommitCall;
import dev.sheaf.protocol.proto.shard.Drawn;
import dev.sheaf.protocol.proto.shard.GetAnswer;
import dev.sheaf.protocol.proto.shard.GetCall;
import dev.sheaf.protocol.proto.shard.LoadAnswer;
import dev.sheaf.protocol.proto.shard.LoadCall;
import dev.sheaf.protocol.proto.shard.PlanSweepAnswer;
import dev.sheaf.protocol.proto.shard.PlanSweepCall;
import dev.sheaf.protocol.proto.shard.Rows;
import dev.sheaf.protocol.proto.shard.ShardApiGrpc;
import dev.sheaf.protocol.proto.shard.SizeAnswer;
import dev.sheaf.protocol.proto.shard.SizeCall;
import dev.sheaf.protocol.proto.shard.SnapshotAnswer;
import dev.sheaf.protocol.proto.shard.SnapshotCall;
import dev.sheaf.protocol.proto.shard.StatusAnswer;
import dev.sheaf.protocol.proto.shard.StatusCall;
import dev.sheaf.protocol.proto.shard.StoredRow;
import dev.sheaf.protocol.proto.shard.TableSize;
import dev.sheaf.protocol.proto.shard.ViewAnswer;
import dev.sheaf.protocol.proto.shard.ViewCall;
import dev.sheaf.rpc.grpc.CallDeadlines;
import dev.sheaf.rpc.grpc.ClusterTransport;
import dev.sheaf.rpc.grpc.Failures;
import dev.sheaf.rpc.shard.ShardService;
import dev.sheaf.rpc.shard.ShardService.CommitRequest;
import dev.sheaf.rpc.shard.ShardService.Snapshot;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers calls from the network with a shard service of this process. Add it to a server of {@link
 * ClusterTransport#server}. Thread-safe.
 */
public final class ShardEndpoint extends ShardApiGrpc.ShardApiImplBase {
  public static final int MAX_MESSAGE_BYTES = ClusterTransport.MAX_MESSAGE_BYTES;

  /** How much of rows goes into one message. */
  static final int TARGET_BYTES = 1 << 20;

  static final String SERVICE = "the page server";

  private final ShardService service;
  private final ShardLimits limits;
  private final Admissions admissions;
  private final Executor blocking;
  private final LongSupplier nanoTime;

  /**
   * @param blocking runs each call on a thread of its own, as virtual threads do
   * @param nanoTime monotonic clock that the service's deadlines refer to
   */
  public ShardEndpoint(
      ShardService service, ShardLimits limits, Executor blocking, LongSupplier nanoTime) {
    this.service = service;
    this.limits = limits;
    this.admissions = new Admissions(limits);
    this.blocking = blocking;
    this.nanoTime = nanoTime;
  }

  /** Views and bulk loads that are open now, for metrics. */
  public int openStreams() {
    return admissions.openStreams();
  }

  @Override
  public void snapshot(SnapshotCall call, StreamObserver<SnapshotAnswer> observer) {
    answer(
        call,
        observer,
        deadline -> {
          Snapshot snapshot = service.snapshot(ShardMessages.shard(call.getShard()), deadline);
          return SnapshotAnswer.newBuilder()
              .setDrawn(
                  Drawn.newBuilder()
                      .setTimestamp(snapshot.timestamp().value())
                      .setCatalogVersion(snapshot.catalogVersion().value()))
              .build();
        },
        failure -> SnapshotAnswer.newBuilder().setFailure(failure).build());
  }

  @Override
  public void catalogVersion(
      CatalogVersionCall call, StreamObserver<CatalogVersionAnswer> observer) {
    answer(
        call,
        observer,
        deadline ->
            CatalogVersionAnswer.newBuilder()
                .setTimestamp(
                    service
                        .catalogVersionAt(
                            ShardMessages.shard(call.getShard()),
                            new Timestamp(call.getTimestamp()),
                            deadline)
                        .value())
                .build(),
        failure -> CatalogVersionAnswer.newBuilder().setFailure(failure).build());
  }

  @Override
  public void get(GetCall call, StreamObserver<GetAnswer> observer) {
    answer(
        call,
        observer,
        deadline ->
            sendRows(
                service.get(
                    ShardMessages.shard(call.getShard()),
                    new Timestamp(call.getSnapshot()),
                    ShardMessages.arrays(call.getKeysList()),
                    deadline),
                observer),
        failure -> GetAnswer.newBuilder().setFailure(failure).build());
  }

  /** Sends all but the last message, which it returns. */
  private static GetAnswer sendRows(
      List<byte @Nullable []> rows, StreamObserver<GetAnswer> observer) {
    Rows.Builder message = Rows.newBuilder();
    long size = 0;
    for (byte[] row : rows) {
      if (size > TARGET_BYTES) {
        observer.onNext(GetAnswer.newBuilder().setRows(message).build());
        message = Rows.newBuilder();
        size = 0;
      }
      StoredRow.Builder stored = StoredRow.newBuilder();
      message.addRows(row == null ? stored : stored.setRow(ShardMessages.bytes(row)));
      size += row == null ? 4 : row.length + 8L;
    }
    return GetAnswer.newBuilder().setRows(message).build();
  }

  @Override
  public void commit(CommitCall call, StreamObserver<CommitAnswer> observer) {
    answer(
        call,
        observer,
        deadline ->
            CommitAnswer.newBuilder()
                .setTimestamp(commit(ShardMessages.commit(call), deadline).value())
                .build(),
        failure -> CommitAnswer.newBuilder().setFailure(failure).build());
  }

  /** After a failure that nobody foresaw nobody knows whether the record is in the log. */
  private Timestamp commit(CommitRequest request, Deadline deadline) {
    try {
      return service.commit(request, deadline).timestamp();
    } catch (SheafException e) {
      throw e;
    } catch (RuntimeException e) {
      throw LostCalls.unknown(request.transaction(), "the page server failed: " + e, e);
    }
  }

  @Override
  public void status(StatusCall call, StreamObserver<StatusAnswer> observer) {
    answer(
        call,
        observer,
        deadline ->
            StatusAnswer.newBuilder()
                .setStatus(
                    ShardMessages.status(
                        service.status(
                            ShardMessages.shard(call.getShard()),
                            ShardMessages.transaction(call.getTransaction()),
                            deadline)))
                .build(),
        failure -> StatusAnswer.newBuilder().setFailure(failure).build());
  }

  @Override
  public void size(SizeCall call, StreamObserver<SizeAnswer> observer) {
    answer(
        call,
        observer,
        deadline -> {
          ShardService.TableSize size =
              service.sizeOf(ShardMessages.shard(call.getShard()), call.getTableId(), deadline);
          return SizeAnswer.newBuilder()
              .setSize(TableSize.newBuilder().setRows(size.rows()).setBytes(size.bytes()))
              .build();
        },
        failure -> SizeAnswer.newBuilder().setFailure(failure).build());
  }

  @Override
  public void branch(BranchCall call, StreamObserver<BranchAnswer> observer) {
    answer(
        call,
        observer,
        deadline -> {
          service.branch(
              ShardMessages.shard(call.getParent()),
              ShardMessages.shard(call.getChild()),
              new Timestamp(call.getAt()),
              deadline);
          return BranchAnswer.newBuilder().setBranched(Branched.getDefaultInstance()).build();
        },
        failure -> BranchAnswer.newBuilder().setFailure(failure).build());
  }

  @Override
  public void check(CheckCall call, StreamObserver<CheckAnswer> observer) {
    var client = (ServerCallStreamObserver<CheckAnswer>) observer;
    answer(
        call,
        observer,
        deadline ->
            CheckAnswer.newBuilder()
                .setDone(
                    InspectionMessages.checked(
                        service.check(
                            ShardMessages.shard(call.getShard()),
                            new CheckSession(client),
                            deadline)))
                .build(),
        failure -> CheckAnswer.newBuilder().setFailure(failure).build());
  }

  @Override
  public void planSweep(PlanSweepCall call, StreamObserver<PlanSweepAnswer> observer) {
    answer(
        call,
        observer,
        deadline ->
            PlanSweepAnswer.newBuilder()
                .setPlan(
                    InspectionMessages.plan(
                        service.planSweep(ShardMessages.shard(call.getShard()), deadline)))
                .build(),
        failure -> PlanSweepAnswer.newBuilder().setFailure(failure).build());
  }

  @Override
  public StreamObserver<ViewCall> view(StreamObserver<ViewAnswer> observer) {
    return new ViewSession(
        service,
        limits,
        admissions,
        blocking,
        nanoTime,
        (ServerCallStreamObserver<ViewAnswer>) observer);
  }

  @Override
  public StreamObserver<LoadCall> load(StreamObserver<LoadAnswer> observer) {
    return new LoadSession(
        service,
        limits,
        admissions,
        blocking,
        nanoTime,
        (ServerCallStreamObserver<LoadAnswer>) observer);
  }

  /** Does the work off gRPC's threads; whatever goes wrong is an answer too. */
  private <T> void answer(
      MessageLite call,
      StreamObserver<T> observer,
      Function<Deadline, T> work,
      Function<Failure, T> failed) {
    // A client that has gone hears nothing: no reason to fail here.
    ((ServerCallStreamObserver<T>) observer).setOnCancelHandler(() -> {});
    try {
      Deadline deadline = CallDeadlines.current(nanoTime);
      Admissions.Admission admission = admissions.call(call.getSerializedSize());
      try {
        blocking.execute(() -> {
          try (admission) {
            finish(observer, () -> work.apply(deadline), failed);
          }
        });
      } catch (RejectedExecutionException e) {
        admission.close();
        throw e;
      }
    } catch (RuntimeException e) {
      finish(
          observer,
          () -> {
            throw e;
          },
          failed);
    }
  }

  private static <T> void finish(
      StreamObserver<T> observer,
      java.util.function.Supplier<T> work,
      Function<Failure, T> failed) {
    T answer;
    try {
      answer = work.get();
    } catch (RuntimeException | Error e) {
      answer = failed.apply(Failures.of(e, SERVICE));
    }
    observer.onNext(answer);
    observer.onCompleted();
  }
}
