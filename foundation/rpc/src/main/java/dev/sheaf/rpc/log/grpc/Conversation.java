package dev.sheaf.rpc.log.grpc;

import dev.sheaf.log.Reply;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.proto.log.LogAnswer;
import dev.sheaf.protocol.proto.log.LogCall;
import dev.sheaf.protocol.proto.log.SafekeeperApiGrpc.SafekeeperApiStub;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One stream of requests to a safekeeper, answered in any order. A call of its own for each request
 * would cost headers, a stream and two timers each time, about as much as the request itself.
 *
 * <p>It is over with the first error, or when one answer is late; whatever was not answered then
 * fails. A safekeeper that stands still is therefore never sent more than what is waited for.
 * Thread-safe.
 */
final class Conversation implements ClientResponseObserver<LogCall, LogAnswer> {
  private final LongSupplier nanoTime;
  private final Map<Long, Question> unanswered = new ConcurrentHashMap<>();
  private volatile @Nullable Throwable end;
  private @Nullable ClientCallStreamObserver<LogCall> calls;
  private long lastNumber;
  private @Nullable Deadline nextLook;

  private record Question(CompletableFuture<Reply> reply, Deadline deadline) {}

  private Conversation(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  static Conversation open(SafekeeperApiStub stub, LongSupplier nanoTime) {
    var conversation = new Conversation(nanoTime);
    var unused = stub.converse(conversation);
    return conversation;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<LogCall> stream) {
    synchronized (this) {
      calls = stream;
    }
  }

  /** From then on every question fails. */
  boolean isOver() {
    return end != null;
  }

  /** Fails as {@link dev.sheaf.rpc.log.SafekeeperService} says. */
  CompletableFuture<Reply> ask(LogCall.Builder call, Deadline deadline) {
    var question = new Question(new CompletableFuture<>(), deadline);
    synchronized (this) {
      long number = ++lastNumber;
      unanswered.put(number, question);
      if (calls != null && end == null) {
        long left = deadline.remainingNanos(nanoTime.getAsLong());
        calls.onNext(call.setNumber(number).setTimeoutNanos(left).build());
        watch(deadline);
      }
    }
    failIfOver();
    return question.reply;
  }

  @Override
  public void onNext(LogAnswer answer) {
    Question question = unanswered.remove(answer.getNumber());
    if (question == null) {
      return; // given up
    }
    Reply reply;
    try {
      reply = LogMessages.reply(answer);
    } catch (SheafException e) {
      question.reply.completeExceptionally(e);
      return;
    }
    question.reply.complete(reply);
  }

  @Override
  public void onCompleted() {
    onError(Status.UNAVAILABLE.withDescription("it is stopping").asRuntimeException());
  }

  @Override
  public void onError(Throwable error) {
    if (end == null) {
      end = error;
    }
    failIfOver();
  }

  /**
   * gRPC may tell of the end from within a call to it. Then whoever made that call looks for the
   * end afterwards: what hangs on the futures must not run under this lock.
   */
  private void failIfOver() {
    Throwable cause = end;
    if (cause == null || Thread.holdsLock(this)) {
      return;
    }
    for (Long number : unanswered.keySet()) {
      Question question = unanswered.remove(number);
      if (question != null) {
        boolean late = question.deadline.isExpired(nanoTime.getAsLong());
        question.reply.completeExceptionally(
            RemoteSafekeeper.failure(
                late ? Status.DEADLINE_EXCEEDED.withCause(cause).asRuntimeException() : cause));
      }
    }
  }

  /** One timer for all questions, set anew when it has run out and some are open. */
  private void watch(Deadline deadline) {
    if (nextLook == null || deadline.isBefore(nextLook)) {
      nextLook = deadline;
      CompletableFuture.delayedExecutor(
              deadline.remainingNanos(nanoTime.getAsLong()), TimeUnit.NANOSECONDS)
          .execute(() -> look(deadline));
    }
  }

  private void look(Deadline deadline) {
    synchronized (this) {
      if (!deadline.equals(nextLook)) {
        return; // somebody is in a greater hurry, and looks before
      }
      nextLook = null;
      Optional<Deadline> next =
          unanswered.values().stream()
              .map(Question::deadline)
              .reduce((a, b) -> b.isBefore(a) ? b : a);
      if (next.isPresent() && next.get().isExpired(nanoTime.getAsLong())) {
        cancel();
      } else {
        next.ifPresent(this::watch);
      }
    }
    failIfOver();
  }

  private void cancel() {
    if (calls != null) {
      calls.cancel("an answer is late", null);
    }
    end = Status.CANCELLED.withDescription("an answer was late").asRuntimeException();
  }
}
