package dev.sheaf.rpc.log.grpc;

import dev.sheaf.log.Reply;
import dev.sheaf.log.Request;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.proto.log.IdentifyAnswer;
import dev.sheaf.protocol.proto.log.IdentifyCall;
import dev.sheaf.protocol.proto.log.ReadAnswer;
import dev.sheaf.protocol.proto.log.SafekeeperApiGrpc;
import dev.sheaf.rpc.grpc.Failures;
import dev.sheaf.rpc.log.SafekeeperService;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A safekeeper behind a gRPC channel, which belongs to the caller and reconnects by itself.
 * Requests of the log protocol share a {@link Conversation}; when one is over, the next request
 * begins another. Thread-safe.
 *
 * <p>Futures complete on the channel's I/O thread, which saves a change of threads for each append:
 * what hangs on them must not block.
 */
public final class RemoteSafekeeper implements SafekeeperService {
  private final SafekeeperApiGrpc.SafekeeperApiStub stub;
  private final LongSupplier nanoTime;
  private final Object lock = new Object();
  private @Nullable Conversation conversation;

  /**
   * @param nanoTime monotonic clock that the callers' deadlines refer to
   */
  public RemoteSafekeeper(Channel channel, LongSupplier nanoTime) {
    this.stub =
        SafekeeperApiGrpc.newStub(channel)
            .withExecutor(Runnable::run)
            .withMaxInboundMessageSize(SafekeeperEndpoint.MAX_MESSAGE_BYTES);
    this.nanoTime = nanoTime;
  }

  @Override
  public CompletableFuture<Reply> request(ShardId log, Request request, Deadline deadline) {
    return conversation().ask(LogMessages.call(log, request), deadline);
  }

  private Conversation conversation() {
    synchronized (lock) {
      if (conversation == null || conversation.isOver()) {
        conversation = Conversation.open(stub, nanoTime);
      }
      return conversation;
    }
  }

  @Override
  public CompletableFuture<byte[]> read(ShardId log, ReadRange range, Deadline deadline) {
    var answer = new Answer<>(RemoteSafekeeper::frames);
    within(deadline).read(LogMessages.read(log, range), answer);
    return answer.future;
  }

  @Override
  public CompletableFuture<Long> incarnation(Deadline deadline) {
    var answer = new Answer<>(RemoteSafekeeper::journal);
    within(deadline).identify(IdentifyCall.getDefaultInstance(), answer);
    return answer.future;
  }

  private static long journal(IdentifyAnswer answer) {
    return switch (answer.getAnswerCase()) {
      case INCARNATION -> answer.getIncarnation();
      case FAILURE -> throw Failures.toException(answer.getFailure());
      case ANSWER_NOT_SET ->
          throw new SheafException(ErrorCode.PROTOCOL_VIOLATION, "an answer without content");
    };
  }

  private SafekeeperApiGrpc.SafekeeperApiStub within(Deadline deadline) {
    return stub.withDeadlineAfter(
        deadline.remainingNanos(nanoTime.getAsLong()), TimeUnit.NANOSECONDS);
  }

  private static byte[] frames(ReadAnswer answer) {
    return switch (answer.getAnswerCase()) {
      case FRAMES -> answer.getFrames().toByteArray();
      case FAILURE -> throw Failures.toException(answer.getFailure());
      case ANSWER_NOT_SET ->
          throw new SheafException(ErrorCode.PROTOCOL_VIOLATION, "an answer without content");
    };
  }

  /** What it means that a call ended with this and not with an answer. */
  static SheafException failure(Throwable error) {
    Status status = Status.fromThrowable(error);
    boolean late = status.getCode() == Status.Code.DEADLINE_EXCEEDED;
    @Nullable String description = status.getDescription();
    return new SheafException(
        late ? ErrorCode.QUERY_CANCELED : ErrorCode.IO_ERROR,
        late
            ? "the safekeeper did not answer in time"
            : "the safekeeper cannot be reached: "
                + status.getCode()
                + (description == null ? "" : ", " + description),
        error);
  }

  /** Turns the one answer of a call into the future's value. */
  private static final class Answer<M, T> implements StreamObserver<M> {
    final CompletableFuture<T> future = new CompletableFuture<>();
    private final Function<M, T> decode;

    Answer(Function<M, T> decode) {
      this.decode = decode;
    }

    @Override
    public void onNext(M message) {
      try {
        future.complete(decode.apply(message));
      } catch (SheafException e) {
        future.completeExceptionally(e);
      }
    }

    @Override
    public void onError(Throwable error) {
      future.completeExceptionally(failure(error));
    }

    @Override
    public void onCompleted() {
      if (!future.isDone()) {
        onError(Status.INTERNAL.withDescription("no answer").asRuntimeException());
      }
    }
  }
}
