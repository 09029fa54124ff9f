package dev.sheaf.rpc.shard.grpc;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.protocol.proto.shard.Renew;
import dev.sheaf.protocol.proto.shard.ShardApiGrpc;
import dev.sheaf.protocol.proto.shard.ViewAnswer;
import dev.sheaf.protocol.proto.shard.ViewCall;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.grpc.Failures;
import dev.sheaf.rpc.shard.ShardService.ReadRequest;
import dev.sheaf.rpc.shard.ShardService.ReadView;
import dev.sheaf.rpc.shard.ShardService.SegmentView;
import dev.sheaf.rpc.shard.grpc.AnswerQueue.StreamLostException;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.stub.ClientCalls;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A view pinned by its stream. The tail begins to arrive with the opening, a few messages ahead of
 * the reader. Thread-safe; the tail is for one reader.
 */
final class RemoteView implements ReadView, Renewals.Renewable {
  /** A tail from which nothing comes for so long is lost: it lies in the server's memory. */
  private static final long STALL_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final AnswerQueue<ViewCall, ViewAnswer> stream;
  private final Renewals renewals;
  private final LongSupplier nanoTime;
  private final List<PhysicalType> types;
  private final List<SegmentView> segments = new ArrayList<>();
  private final AtomicBoolean tailTaken = new AtomicBoolean();
  private final KeyRange range;
  private long tailRows;
  private @Nullable KeyRange covered;

  private RemoteView(ReadRequest request, Renewals renewals, LongSupplier nanoTime) {
    this.stream = new AnswerQueue<>(nanoTime, () -> {});
    this.renewals = renewals;
    this.nanoTime = nanoTime;
    this.range = request.range();
    this.types = ColumnMessages.types(request.columns());
  }

  static RemoteView open(
      Channel channel,
      String client,
      ReadRequest request,
      Renewals renewals,
      Deadline deadline,
      LongSupplier nanoTime) {
    var view = new RemoteView(request, renewals, nanoTime);
    var unused =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(ShardApiGrpc.getViewMethod(), CallOptions.DEFAULT), view.stream);
    long left = deadline.remainingNanos(nanoTime.getAsLong());
    try {
      boolean sent =
          view.stream.send(
              ViewCall.newBuilder().setOpen(ShardMessages.open(request, client, left)).build());
      view.awaitOpened(deadline);
    } catch (RuntimeException | Error e) {
      view.stream.end("not opened");
      throw e;
    }
    renewals.add(view);
    return view;
  }

  private void awaitOpened(Deadline deadline) {
    while (true) {
      ViewAnswer answer = next(deadline);
      switch (answer.getAnswerCase()) {
        case SEGMENT -> segments.add(ShardMessages.segment(answer.getSegment()));
        case OPENED -> {
          tailRows = answer.getOpened().getTailRows();
          covered = ShardMessages.covered(answer.getOpened(), range);
          return;
        }
        case FAILURE -> throw Failures.toException(answer.getFailure());
        case BATCH, TAIL_END, ANSWER_NOT_SET -> throw Failures.notUnderstood("a view's answer");
      }
    }
  }

  private ViewAnswer next(Deadline until) {
    try {
      return stream.next(until);
    } catch (StreamLostException e) {
      throw LostCalls.read(e.status());
    }
  }

  private ViewAnswer awaitTail(Deadline until) {
    try {
      return stream.next(until);
    } catch (StreamLostException e) {
      throw LostCalls.tail(e.status());
    }
  }

  @Override
  public List<SegmentView> segments() {
    return segments;
  }

  @Override
  public @Nullable KeyRange covered() {
    return covered;
  }

  @Override
  public long tailRows() {
    return tailRows;
  }

  @Override
  public BatchSource tail() {
    if (!tailTaken.compareAndSet(false, true)) {
      throw new IllegalStateException("the tail was taken before");
    }
    return new Tail();
  }

  /** Batches as they arrive. */
  private final class Tail implements BatchSource {
    private boolean ended;

    @Override
    public @Nullable Batch next() {
      if (ended) {
        return null;
      }
      var stalled = new Deadline(nanoTime.getAsLong() + STALL_NANOS);
      ViewAnswer answer = awaitTail(stalled);
      return switch (answer.getAnswerCase()) {
        case BATCH -> BatchCodec.decode(answer.getBatch(), types);
        case TAIL_END -> {
          ended = true;
          yield null;
        }
        case FAILURE -> {
          ended = true;
          throw Failures.toException(answer.getFailure());
        }
        case SEGMENT, OPENED, ANSWER_NOT_SET -> throw Failures.notUnderstood("a view's answer");
      };
    }

    @Override
    public void close() {
      ended = true;
    }
  }

  @Override
  public void renew() {
    if (!stream.send(ViewCall.newBuilder().setRenew(Renew.getDefaultInstance()).build())) {
      renewals.remove(this);
    }
  }

  @Override
  public void abort() {
    stream.end("the client is being closed");
  }

  @Override
  public void close() {
    tailTaken.set(true);
    renewals.remove(this);
    stream.end("released");
  }
}
