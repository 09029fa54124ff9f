package dev.sheaf.rpc.shard.grpc;

import dev.sheaf.protocol.Deadline;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A stream's answers, waiting for a blocking thread. The server may be {@link #WINDOW} messages
 * ahead of it, so what waits is bounded. Also the stream's other direction: sending is guarded, so
 * that any thread may.
 */
final class AnswerQueue<Q, A> implements ClientResponseObserver<Q, A> {
  static final int WINDOW = 4;

  /** The stream's end; an error other than the service's own. */
  private record End(@Nullable Throwable error) {}

  private final LinkedBlockingQueue<Object> answers = new LinkedBlockingQueue<>();
  private final LongSupplier nanoTime;
  private final Runnable onReady;
  private final ReentrantLock sending = new ReentrantLock();
  private @Nullable ClientCallStreamObserver<Q> requests;
  private boolean over;

  /**
   * @param onReady called when there is room to send again; must not block
   */
  AnswerQueue(LongSupplier nanoTime, Runnable onReady) {
    this.nanoTime = nanoTime;
    this.onReady = onReady;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<Q> requestStream) {
    requests = requestStream;
    requestStream.disableAutoRequestWithInitial(WINDOW);
    requestStream.setOnReadyHandler(onReady);
  }

  ClientCallStreamObserver<Q> requests() {
    return Objects.requireNonNull(requests, "the call has not begun");
  }

  /** False if the stream is over. */
  boolean send(Q request) {
    sending.lock();
    try {
      if (over) {
        return false;
      }
      requests().onNext(request);
      return true;
    } finally {
      sending.unlock();
    }
  }

  /** Ends the stream; nothing is sent from now on. Idempotent. */
  void end(String why) {
    sending.lock();
    try {
      if (!over) {
        over = true;
        requests().cancel(why, null);
      }
    } finally {
      sending.unlock();
    }
  }

  /** Ends the sending side and lets the server end the rest. */
  void complete() {
    sending.lock();
    try {
      if (!over) {
        over = true;
        requests().onCompleted();
      }
    } finally {
      sending.unlock();
    }
  }

  @Override
  public void onNext(A answer) {
    answers.add(answer);
  }

  @Override
  public void onError(Throwable error) {
    answers.add(new End(error));
    onReady.run();
  }

  @Override
  public void onCompleted() {
    answers.add(new End(null));
    onReady.run();
  }

  /** Whether an answer, or the end, waits. */
  boolean hasNext() {
    return !answers.isEmpty();
  }

  /**
   * The next answer; waits for it until the deadline.
   *
   * @throws Throwable a gRPC status: the connection broke, the time is over, or the server ended
   *     the stream without an answer
   */
  @SuppressWarnings("unchecked") // all but End is an answer
  A next(Deadline deadline) throws StreamLostException {
    Object next;
    try {
      next = answers.poll(deadline.remainingNanos(nanoTime.getAsLong()), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StreamLostException(
          Status.DEADLINE_EXCEEDED
              .withDescription("interrupted")
              .withCause(e)
              .asRuntimeException());
    }
    if (next == null) {
      throw new StreamLostException(Status.DEADLINE_EXCEEDED.asRuntimeException());
    }
    if (next instanceof End(Throwable error)) {
      answers.add(next);
      throw new StreamLostException(
          error == null
              ? Status.UNAVAILABLE.withDescription("the stream ended").asRuntimeException()
              : error);
    }
    requests().request(1);
    return (A) next;
  }

  /** The cause is what gRPC says. */
  static final class StreamLostException extends Exception {
    private static final long serialVersionUID = 1L;

    StreamLostException(Throwable cause) {
      super(cause);
    }

    Throwable status() {
      Throwable cause = getCause();
      return cause == null ? this : cause;
    }
  }
}
