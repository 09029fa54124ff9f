package dev.sheaf.rpc.shard.grpc;

import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.proto.shard.BeginLoad;
import dev.sheaf.protocol.proto.shard.Begun;
import dev.sheaf.protocol.proto.shard.Committed;
import dev.sheaf.protocol.proto.shard.LoadAnswer;
import dev.sheaf.protocol.proto.shard.LoadCall;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.grpc.CallDeadlines;
import dev.sheaf.rpc.grpc.Failures;
import dev.sheaf.rpc.shard.ShardService;
import dev.sheaf.rpc.shard.ShardService.BulkLoad;
import dev.sheaf.rpc.shard.ShardService.BulkRequest;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One bulk load for one client, on a thread of its own. The client's next message is asked for only
 * when the one before is done with, so at most one waits here. The stream's end before the commit,
 * however it comes about, drops what was loaded.
 */
final class LoadSession implements StreamObserver<LoadCall> {
  private final ShardService service;
  private final Admissions admissions;
  private final Executor blocking;
  private final LongSupplier nanoTime;
  private final ServerCallStreamObserver<LoadAnswer> client;
  private final StreamLease lease;
  private final LinkedTransferQueue<LoadCall> calls = new LinkedTransferQueue<>();
  private boolean begun;

  LoadSession(
      ShardService service,
      ShardLimits limits,
      Admissions admissions,
      Executor blocking,
      LongSupplier nanoTime,
      ServerCallStreamObserver<LoadAnswer> client) {
    this.service = service;
    this.admissions = admissions;
    this.blocking = blocking;
    this.nanoTime = nanoTime;
    this.client = client;
    this.lease = new StreamLease(limits.leaseMillis(), Long.MAX_VALUE / 2_000_000, nanoTime);
    client.disableAutoRequest();
    client.setOnCancelHandler(lease::end);
    client.request(1);
  }

  @Override
  public void onNext(LoadCall call) {
    lease.renew();
    calls.add(call);
    lease.wake();
    if (!begun) {
      begun = true;
      try {
        blocking.execute(this::serve);
      } catch (RejectedExecutionException e) {
        fail(e);
      }
    }
  }

  @Override
  public void onError(Throwable error) {
    lease.end();
  }

  @Override
  public void onCompleted() {
    lease.end();
    if (!begun) {
      client.onCompleted();
    }
  }

  private void serve() {
    try {
      LoadCall first = next();
      if (first == null || first.getCallCase() != LoadCall.CallCase.BEGIN) {
        throw Failures.notUnderstood("the begin of a load");
      }
      BeginLoad begin = first.getBegin();
      BulkRequest request = ShardMessages.begin(begin);
      try (Admissions.Admission admission = admissions.stream(begin.getClient());
          BulkLoad load = service.beginBulk(request, deadline(first))) {
        client.onNext(LoadAnswer.newBuilder().setBegun(Begun.getDefaultInstance()).build());
        client.request(1);
        run(load, ColumnMessages.types(request.columns()));
      }
    } catch (RuntimeException | Error e) {
      fail(e);
      return;
    }
    client.onCompleted();
  }

  private void run(BulkLoad load, List<PhysicalType> types) {
    for (LoadCall call = next(); call != null; call = next()) {
      switch (call.getCallCase()) {
        case BATCH -> load.append(BatchCodec.decode(call.getBatch(), types), deadline(call));
        case RENEW -> {}
        case COMMIT -> {
          long timestamp = load.commit(deadline(call)).timestamp().value();
          client.onNext(
              LoadAnswer.newBuilder()
                  .setCommitted(Committed.newBuilder().setTimestamp(timestamp))
                  .build());
          return;
        }
        case BEGIN, CALL_NOT_SET -> throw Failures.notUnderstood("a step of a load");
      }
      lease.renew();
      client.request(1);
    }
    if (!lease.hasEnded()) {
      throw new SheafException(
              ErrorCode.SERIALIZATION_FAILURE,
              "the load was dropped: its client was silent for too long")
          .withHint("Load again.");
    }
  }

  /** The client's next message; null when there will be none. */
  private @Nullable LoadCall next() {
    boolean there = lease.await(() -> !calls.isEmpty());
    return there ? calls.poll() : null;
  }

  private Deadline deadline(LoadCall call) {
    return CallDeadlines.within(call.getTimeoutNanos(), nanoTime);
  }

  private void fail(Throwable error) {
    client.onNext(
        LoadAnswer.newBuilder().setFailure(Failures.of(error, ShardEndpoint.SERVICE)).build());
    client.onCompleted();
  }
}
