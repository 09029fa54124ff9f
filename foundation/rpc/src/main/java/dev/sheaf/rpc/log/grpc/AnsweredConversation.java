package dev.sheaf.rpc.log.grpc;

import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.proto.log.LogAnswer;
import dev.sheaf.protocol.proto.log.LogCall;
import dev.sheaf.rpc.grpc.CallDeadlines;
import dev.sheaf.rpc.grpc.Failures;
import dev.sheaf.rpc.log.SafekeeperService;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Set;
import java.util.function.LongSupplier;

/** The answering side of a {@link Conversation}. Thread-safe; nothing blocks. */
final class AnsweredConversation implements StreamObserver<LogCall> {
  private final SafekeeperService service;
  private final ServerCallStreamObserver<LogAnswer> answers;
  private final LongSupplier nanoTime;
  private final Set<AnsweredConversation> conversations;
  private boolean over;

  /**
   * @param conversations it leaves this set when it is over
   */
  AnsweredConversation(
      SafekeeperService service,
      ServerCallStreamObserver<LogAnswer> answers,
      LongSupplier nanoTime,
      Set<AnsweredConversation> conversations) {
    this.service = service;
    this.answers = answers;
    this.nanoTime = nanoTime;
    this.conversations = conversations;
    answers.setOnCancelHandler(this::onCompleted);
  }

  @Override
  public void onNext(LogCall call) {
    try {
      service
          .request(
              LogMessages.log(call.getLog()),
              LogMessages.request(call),
              CallDeadlines.within(call.getTimeoutNanos(), nanoTime))
          .whenComplete((reply, error) ->
              answer(call, error == null ? LogMessages.answer(reply) : failed(error)));
    } catch (SheafException e) {
      answer(call, failed(e));
    }
  }

  private static LogAnswer.Builder failed(Throwable error) {
    return LogAnswer.newBuilder().setFailure(Failures.of(error, "the safekeeper"));
  }

  private synchronized void answer(LogCall call, LogAnswer.Builder answer) {
    if (!over) {
      answers.onNext(answer.setNumber(call.getNumber()).build());
    }
  }

  @Override
  public void onError(Throwable error) {
    onCompleted();
  }

  /** Whoever asked hears no more, wherever the end came from. */
  @Override
  public void onCompleted() {
    conversations.remove(this);
    synchronized (this) {
      if (!over) {
        over = true;
        if (!answers.isCancelled()) {
          answers.onCompleted();
        }
      }
    }
  }
}
