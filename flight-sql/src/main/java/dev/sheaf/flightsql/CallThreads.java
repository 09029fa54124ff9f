package dev.sheaf.flightsql;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import java.util.concurrent.Executor;
import org.apache.arrow.flight.impl.FlightServiceGrpc;
import org.jspecify.annotations.Nullable;

/**
 * Where gRPC tells of a call's messages. For DoPut that is the connection's own thread: Flight does
 * the work on a thread of its own, which reads what was told from a queue, so that another one in
 * between would be in vain. Only a login by password is too much work for that thread. Thread-safe.
 */
final class CallThreads implements ServerCallExecutorSupplier {
  private static final String DO_PUT = FlightServiceGrpc.getDoPutMethod().getFullMethodName();
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final Executor threads;

  /**
   * @param threads for calls that may block, each on a thread of its own
   */
  CallThreads(Executor threads) {
    this.threads = threads;
  }

  @Override
  public <Q, A> @Nullable Executor getExecutor(ServerCall<Q, A> call, Metadata metadata) {
    boolean queued = DO_PUT.equals(call.getMethodDescriptor().getFullMethodName());
    return queued && !logsIn(metadata) ? null : threads;
  }

  private static boolean logsIn(Metadata metadata) {
    String authorization = metadata.get(AUTHORIZATION);
    return authorization != null && authorization.regionMatches(true, 0, "Basic", 0, 5);
  }
}
