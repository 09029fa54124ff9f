package dev.sheaf.rpc.shard.grpc;

import com.google.protobuf.ByteString;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.proto.shard.OpenView;
import dev.sheaf.protocol.proto.shard.TailEnd;
import dev.sheaf.protocol.proto.shard.ViewAnswer;
import dev.sheaf.protocol.proto.shard.ViewCall;
import dev.sheaf.rpc.grpc.CallDeadlines;
import dev.sheaf.rpc.grpc.Failures;
import dev.sheaf.rpc.shard.ShardService;
import dev.sheaf.rpc.shard.ShardService.ReadRequest;
import dev.sheaf.rpc.shard.ShardService.ReadView;
import dev.sheaf.rpc.shard.ShardService.SegmentView;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;

/**
 * One view for one client, on a thread of its own from opening to release.
 *
 * <pre>
 * (stream begins) --open--> segments, opened --> tail, as fast as the client takes it --> tail_end
 *                                 \                      \                                   |
 *                                  +--- stream ended, lease over: released <-----------------+
 * </pre>
 */
final class ViewSession implements StreamObserver<ViewCall> {
  private final ShardService service;
  private final Admissions admissions;
  private final Executor blocking;
  private final LongSupplier nanoTime;
  private final ServerCallStreamObserver<ViewAnswer> client;
  private final StreamLease lease;
  private boolean begun;

  ViewSession(
      ShardService service,
      ShardLimits limits,
      Admissions admissions,
      Executor blocking,
      LongSupplier nanoTime,
      ServerCallStreamObserver<ViewAnswer> client) {
    this.service = service;
    this.admissions = admissions;
    this.blocking = blocking;
    this.nanoTime = nanoTime;
    this.client = client;
    this.lease = new StreamLease(limits.leaseMillis(), limits.viewMillis(), nanoTime);
    client.setOnReadyHandler(lease::wake);
    client.setOnCancelHandler(lease::end);
  }

  @Override
  public void onNext(ViewCall call) {
    switch (call.getCallCase()) {
      case OPEN -> {
        if (begun) {
          lease.end();
          return;
        }
        begun = true;
        try {
          blocking.execute(() -> serve(call.getOpen()));
        } catch (RejectedExecutionException e) {
          fail(e);
        }
      }
      case RENEW -> lease.renew();
      case CALL_NOT_SET -> lease.end();
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

  private void serve(OpenView open) {
    ReadRequest request = ShardMessages.readRequest(open);
    try (Admissions.Admission admission = admissions.stream(open.getClient());
        ReadView view =
            service.openView(request, CallDeadlines.within(open.getTimeoutNanos(), nanoTime))) {
      for (SegmentView segment : view.segments()) {
        send(ViewAnswer.newBuilder().setSegment(ShardMessages.segment(segment)).build());
      }
      send(ViewAnswer.newBuilder().setOpened(ShardMessages.opened(view)).build());
      sendTail(view, new TailConditions(request.conditions()));
      if (!lease.await(() -> false) && !lease.hasEnded()) {
        throw silent();
      }
    } catch (RuntimeException | Error e) {
      fail(e);
      return;
    }
    client.onCompleted();
  }

  private void sendTail(ReadView view, TailConditions conditions) {
    if (view.tailRows() > 0) {
      try (BatchSource tail = view.tail()) {
        for (Batch batch = tail.next(); batch != null; batch = tail.next()) {
          Batch wanted = conditions.select(batch);
          for (ByteString piece : BatchCodec.encode(wanted, ShardEndpoint.TARGET_BYTES)) {
            send(ViewAnswer.newBuilder().setBatch(piece).build());
          }
        }
      }
    }
    send(ViewAnswer.newBuilder().setTailEnd(TailEnd.getDefaultInstance()).build());
  }

  /** Waits until the client has taken enough of what was sent before. */
  private void send(ViewAnswer answer) {
    if (!lease.await(client::isReady)) {
      throw lease.hasEnded()
          ? new SheafException(ErrorCode.QUERY_CANCELED, "the reader has gone")
          : silent();
    }
    client.onNext(answer);
  }

  private static SheafException silent() {
    return new SheafException(
            ErrorCode.SERIALIZATION_FAILURE,
            "the read was ended: its reader was silent for too long")
        .withHint("Run the query again.");
  }

  private void fail(Throwable error) {
    client.onNext(
        ViewAnswer.newBuilder().setFailure(Failures.of(error, ShardEndpoint.SERVICE)).build());
    client.onCompleted();
  }
}
