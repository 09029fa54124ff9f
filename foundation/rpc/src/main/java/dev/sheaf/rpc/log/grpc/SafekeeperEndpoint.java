package dev.sheaf.rpc.log.grpc;

import dev.sheaf.log.RecordFrame;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.proto.log.IdentifyAnswer;
import dev.sheaf.protocol.proto.log.IdentifyCall;
import dev.sheaf.protocol.proto.log.LogAnswer;
import dev.sheaf.protocol.proto.log.LogCall;
import dev.sheaf.protocol.proto.log.ReadAnswer;
import dev.sheaf.protocol.proto.log.ReadCall;
import dev.sheaf.protocol.proto.log.SafekeeperApiGrpc;
import dev.sheaf.rpc.grpc.CallDeadlines;
import dev.sheaf.rpc.grpc.Failures;
import dev.sheaf.rpc.log.SafekeeperService;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Answers calls from the network with a safekeeper of this process. Add it to a gRPC server whose
 * {@code maxInboundMessageSize} is {@link #MAX_MESSAGE_BYTES}. Thread-safe; no method blocks, so a
 * server with a direct executor saves a change of threads for each append.
 */
public final class SafekeeperEndpoint extends SafekeeperApiGrpc.SafekeeperApiImplBase
    implements AutoCloseable {
  /** A message holds the largest record and what is around it. */
  public static final int MAX_MESSAGE_BYTES = RecordFrame.MAX_PAYLOAD_BYTES + (1 << 20);

  private final SafekeeperService service;
  private final LongSupplier nanoTime;
  private final Set<AnsweredConversation> conversations = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * @param nanoTime monotonic clock, as {@code System::nanoTime}
   */
  public SafekeeperEndpoint(SafekeeperService service, LongSupplier nanoTime) {
    this.service = service;
    this.nanoTime = nanoTime;
  }

  @Override
  public StreamObserver<LogCall> converse(StreamObserver<LogAnswer> answers) {
    var conversation =
        new AnsweredConversation(
            service, (ServerCallStreamObserver<LogAnswer>) answers, nanoTime, conversations);
    conversations.add(conversation);
    if (closed) {
      conversation.onCompleted();
    }
    return conversation;
  }

  /** Ends the conversations, which else last as long as their connections, and begins no more. */
  @Override
  public void close() {
    closed = true;
    conversations.forEach(AnsweredConversation::onCompleted);
  }

  @Override
  public void read(ReadCall call, StreamObserver<ReadAnswer> observer) {
    try {
      if (call.getMaxBytes() < 0 || call.getMaxBytes() > RecordFrame.MAX_PAYLOAD_BYTES) {
        throw new SheafException(
            ErrorCode.PROTOCOL_VIOLATION, "a read of " + call.getMaxBytes() + " bytes");
      }
      service
          .read(LogMessages.log(call.getLog()), LogMessages.range(call), deadline())
          .whenComplete((frames, error) ->
              answer(observer, error == null ? frames(frames) : readFailed(error)));
    } catch (SheafException e) {
      answer(observer, readFailed(e));
    }
  }

  @Override
  public void identify(IdentifyCall call, StreamObserver<IdentifyAnswer> observer) {
    service
        .incarnation(deadline())
        .whenComplete((incarnation, error) -> {
          IdentifyAnswer.Builder answer = IdentifyAnswer.newBuilder();
          answer(
              observer,
              error == null
                  ? answer.setIncarnation(incarnation).build()
                  : answer.setFailure(Failures.of(error, "the safekeeper")).build());
        });
  }

  private Deadline deadline() {
    return CallDeadlines.current(nanoTime);
  }

  private static ReadAnswer readFailed(Throwable error) {
    return ReadAnswer.newBuilder().setFailure(Failures.of(error, "the safekeeper")).build();
  }

  private static ReadAnswer frames(byte[] frames) {
    return ReadAnswer.newBuilder().setFrames(LogMessages.bytes(frames)).build();
  }

  private static <T> void answer(StreamObserver<T> observer, T answer) {
    observer.onNext(answer);
    observer.onCompleted();
  }
}
