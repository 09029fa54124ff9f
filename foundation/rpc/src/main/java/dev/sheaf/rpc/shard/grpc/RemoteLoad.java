package dev.sheaf.rpc.shard.grpc;

import com.google.protobuf.ByteString;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.proto.shard.CommitLoad;
import dev.sheaf.protocol.proto.shard.LoadAnswer;
import dev.sheaf.protocol.proto.shard.LoadCall;
import dev.sheaf.protocol.proto.shard.Renew;
import dev.sheaf.protocol.proto.shard.ShardApiGrpc;
import dev.sheaf.rpc.grpc.Failures;
import dev.sheaf.rpc.shard.ShardService.BulkLoad;
import dev.sheaf.rpc.shard.ShardService.BulkRequest;
import dev.sheaf.rpc.shard.ShardService.CommitResult;
import dev.sheaf.rpc.shard.grpc.AnswerQueue.StreamLostException;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.stub.ClientCalls;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A bulk load over one stream. A batch is sent when the connection has room for it, so what waits
 * is bounded. Used by one thread.
 */
final class RemoteLoad implements BulkLoad, Renewals.Renewable {
  private final AnswerQueue<LoadCall, LoadAnswer> stream;
  private final BulkRequest request;
  private final Renewals renewals;
  private final LongSupplier nanoTime;

  /** Released whenever there may be room, or news. */
  private final Semaphore turns = new Semaphore(0);

  private @Nullable SheafException failed;
  private boolean over;
  private long rows;

  private RemoteLoad(BulkRequest request, Renewals renewals, LongSupplier nanoTime) {
    this.stream = new AnswerQueue<>(nanoTime, turns::release);
    this.request = request;
    this.renewals = renewals;
    this.nanoTime = nanoTime;
  }

  static RemoteLoad begin(
      Channel channel,
      String client,
      BulkRequest request,
      Renewals renewals,
      Deadline deadline,
      LongSupplier nanoTime) {
    var load = new RemoteLoad(request, renewals, nanoTime);
    var unused =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(ShardApiGrpc.getLoadMethod(), CallOptions.DEFAULT), load.stream);
    try {
      boolean sent =
          load.send(LoadCall.newBuilder().setBegin(ShardMessages.begin(request, client)), deadline);
      LoadAnswer answer = load.stream.next(deadline);
      switch (answer.getAnswerCase()) {
        case BEGUN -> {}
        case FAILURE -> throw Failures.toException(answer.getFailure());
        case COMMITTED, ANSWER_NOT_SET -> throw Failures.notUnderstood("a load's answer");
      }
    } catch (StreamLostException e) {
      load.stream.end("not begun");
      throw LostCalls.read(e.status());
    } catch (RuntimeException | Error e) {
      load.stream.end("not begun");
      throw e;
    }
    renewals.add(load);
    return load;
  }

  private boolean send(LoadCall.Builder call, Deadline deadline) {
    return stream.send(call.setTimeoutNanos(deadline.remainingNanos(nanoTime.getAsLong())).build());
  }

  @Override
  public void append(Batch batch, Deadline deadline) {
    requireOpen();
    for (ByteString piece : BatchCodec.encode(batch, ShardEndpoint.TARGET_BYTES)) {
      awaitRoom(deadline);
      if (!send(LoadCall.newBuilder().setBatch(piece), deadline)) {
        throw LostCalls.load(null);
      }
    }
    rows += batch.selected();
  }

  /** Waits until the connection has room; an error that came meanwhile ends the load. */
  private void awaitRoom(Deadline deadline) {
    try {
      while (true) {
        int unused = turns.drainPermits();
        if (stream.hasNext()) {
          throw fail(answered(deadline));
        }
        if (stream.requests().isReady()) {
          return;
        }
        long left = deadline.remainingNanos(nanoTime.getAsLong());
        if (!turns.tryAcquire(left, TimeUnit.NANOSECONDS)) {
          deadline.check(nanoTime.getAsLong());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SheafException(ErrorCode.QUERY_CANCELED, "interrupted while loading", e);
    }
  }

  /** The error that an answer before the commit is. */
  private SheafException answered(Deadline deadline) {
    try {
      LoadAnswer answer = stream.next(deadline);
      return answer.getAnswerCase() == LoadAnswer.AnswerCase.FAILURE
          ? Failures.toException(answer.getFailure())
          : Failures.notUnderstood("a load's answer");
    } catch (StreamLostException e) {
      return LostCalls.load(e.status());
    }
  }

  private SheafException fail(SheafException error) {
    failed = error;
    return error;
  }

  private void requireOpen() {
    if (failed != null) {
      throw failed;
    }
    if (over) {
      throw new SheafException(ErrorCode.INTERNAL_ERROR, "the bulk load is over");
    }
  }

  @Override
  public CommitResult commit(Deadline deadline) {
    requireOpen();
    awaitRoom(deadline);
    over = true;
    renewals.remove(this);
    if (!send(LoadCall.newBuilder().setCommit(CommitLoad.getDefaultInstance()), deadline)) {
      throw LostCalls.load(null);
    }
    try {
      LoadAnswer answer = stream.next(deadline);
      return switch (answer.getAnswerCase()) {
        case COMMITTED -> new CommitResult(new Timestamp(answer.getCommitted().getTimestamp()));
        case FAILURE -> throw Failures.toException(answer.getFailure());
        case BEGUN, ANSWER_NOT_SET ->
            throw LostCalls.unknown(request.transaction(), "a strange answer", null);
      };
    } catch (StreamLostException e) {
      throw LostCalls.commit(request.transaction(), true, e.status());
    }
  }

  @Override
  public long rows() {
    return rows;
  }

  @Override
  public void renew() {
    // Rows that wait to be sent say as much.
    if (stream.requests().isReady()
        && !send(
            LoadCall.newBuilder().setRenew(Renew.getDefaultInstance()),
            new Deadline(nanoTime.getAsLong()))) {
      renewals.remove(this);
    }
  }

  @Override
  public void abort() {
    stream.end("the client is being closed");
  }

  @Override
  public void close() {
    over = true;
    renewals.remove(this);
    stream.end("closed");
  }
}
