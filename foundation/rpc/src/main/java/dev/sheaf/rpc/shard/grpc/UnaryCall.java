package dev.sheaf.rpc.shard.grpc;

import dev.sheaf.protocol.Deadline;
import dev.sheaf.rpc.grpc.SendTrace;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * One request and its answers, waited for by a blocking thread. An interrupt cancels the call. Used
 * by one thread.
 */
final class UnaryCall<Q, A> implements StreamObserver<A> {
  private final SendTrace trace = new SendTrace();
  private final List<A> answers = new ArrayList<>(1);
  private final CompletableFuture<List<A>> done = new CompletableFuture<>();

  /**
   * @return at least one answer
   * @throws LostCallException if the connection ended the call, and not the service
   */
  List<A> run(
      Channel channel,
      MethodDescriptor<Q, A> method,
      Q request,
      Deadline deadline,
      LongSupplier nanoTime)
      throws LostCallException {
    long left = deadline.remainingNanos(nanoTime.getAsLong());
    CallOptions options =
        CallOptions.DEFAULT
            // The answer only wakes the thread that waits: no thread in between.
            .withExecutor(Runnable::run)
            .withDeadlineAfter(left, TimeUnit.NANOSECONDS)
            .withStreamTracerFactory(trace);
    ClientCall<Q, A> call = channel.newCall(method, options);
    ClientCalls.asyncServerStreamingCall(call, request, this);
    try {
      // Not a wait with a time of its own, which costs a virtual thread two changes of threads:
      // gRPC
      // ends the call at its deadline.
      return done.get();
    } catch (ExecutionException e) {
      throw new LostCallException(e.getCause() == null ? e : e.getCause(), trace.maybeSent());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      call.cancel("interrupted", e);
      throw new LostCallException(
          Status.DEADLINE_EXCEEDED.withDescription("interrupted").withCause(e).asRuntimeException(),
          trace.maybeSent());
    }
  }

  @Override
  public void onNext(A answer) {
    answers.add(answer);
  }

  @Override
  public void onError(Throwable error) {
    done.completeExceptionally(error);
  }

  @Override
  public void onCompleted() {
    if (answers.isEmpty()) {
      done.completeExceptionally(Status.INTERNAL.withDescription("no answer").asRuntimeException());
    } else {
      done.complete(answers);
    }
  }

  /** The call ended without an answer of the service. */
  static final class LostCallException extends Exception {
    private static final long serialVersionUID = 1L;
    private final boolean maybeSent;

    LostCallException(Throwable cause, boolean maybeSent) {
      super(cause);
      this.maybeSent = maybeSent;
    }

    boolean maybeSent() {
      return maybeSent;
    }

    /** What gRPC says. */
    Throwable status() {
      Throwable cause = getCause();
      return cause == null ? this : cause;
    }
  }
}
