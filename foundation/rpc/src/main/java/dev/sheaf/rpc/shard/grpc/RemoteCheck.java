package dev.sheaf.rpc.shard.grpc;

import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.proto.shard.CheckAnswer;
import dev.sheaf.protocol.proto.shard.CheckCall;
import dev.sheaf.protocol.proto.shard.ShardApiGrpc;
import dev.sheaf.rpc.grpc.Failures;
import dev.sheaf.rpc.shard.ShardInspection.CheckListener;
import dev.sheaf.rpc.shard.ShardInspection.Checked;
import dev.sheaf.rpc.shard.grpc.AnswerQueue.StreamLostException;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.stub.ClientCalls;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** A check by a page server elsewhere, as long as its stream lives. Used by one thread. */
final class RemoteCheck {
  /** The server speaks each second, unless the object store keeps it waiting. */
  private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(120);

  private final AnswerQueue<CheckCall, CheckAnswer> answers;
  private final LongSupplier nanoTime;

  RemoteCheck(LongSupplier nanoTime) {
    this.answers = new AnswerQueue<>(nanoTime, () -> {});
    this.nanoTime = nanoTime;
  }

  /** 58030 if the connection breaks, or nothing is heard for two minutes. */
  Checked run(Channel channel, ShardId shard, CheckListener listener, Deadline deadline) {
    long left = deadline.remainingNanos(nanoTime.getAsLong());
    CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(left, TimeUnit.NANOSECONDS);
    ClientCalls.asyncServerStreamingCall(
        channel.newCall(ShardApiGrpc.getCheckMethod(), options),
        CheckCall.newBuilder().setShard(ShardMessages.name(shard)).build(),
        answers);
    try {
      while (true) {
        CheckAnswer answer = next();
        switch (answer.getAnswerCase()) {
          case PROGRESS -> listener.progress(InspectionMessages.checked(answer.getProgress()));
          case FINDING -> listener.found(InspectionMessages.finding(answer.getFinding()));
          case DONE -> {
            return InspectionMessages.checked(answer.getDone());
          }
          case FAILURE -> throw Failures.toException(answer.getFailure());
          case ANSWER_NOT_SET -> throw Failures.notUnderstood("an answer");
        }
      }
    } finally {
      answers.end("nobody listens any more");
    }
  }

  private CheckAnswer next() {
    try {
      return answers.next(new Deadline(nanoTime.getAsLong() + SILENCE_NANOS));
    } catch (StreamLostException e) {
      throw LostCalls.check(e.status());
    }
  }
}
