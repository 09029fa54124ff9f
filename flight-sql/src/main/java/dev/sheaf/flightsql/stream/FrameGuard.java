package dev.sheaf.flightsql.stream;

import dev.sheaf.flightsql.error.FlightErrors;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;

/**
 * Looks at the raw messages of DoPut and DoExchange before Arrow parses them, and ends the call
 * with a typed error when one is broken. Stands before a service of raw messages ({@code
 * ServerInterceptors.useInputStreamMessages}). Thread-safe.
 */
public final class FrameGuard implements ServerInterceptor {
  private static final Set<String> GUARDED = Set.of("DoPut", "DoExchange");

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    ServerCall.Listener<Q> listener = next.startCall(call, headers);
    String method = call.getMethodDescriptor().getBareMethodName();
    return method != null && GUARDED.contains(method) ? new Guard<>(call, listener) : listener;
  }

  private static final class Guard<Q> extends SimpleForwardingServerCallListener<Q> {
    private final ServerCall<Q, ?> call;
    private final IpcCheck check = new IpcCheck();
    private boolean refused;

    Guard(ServerCall<Q, ?> call, ServerCall.Listener<Q> listener) {
      super(listener);
      this.call = call;
    }

    @Override
    public void onMessage(Q message) {
      if (refused) {
        return;
      }
      try {
        inspect((InputStream) message);
        super.onMessage(message);
      } catch (SheafException e) {
        refuse(e);
      } catch (IOException | RuntimeException | StackOverflowError e) {
        refuse(
            new SheafException(
                ErrorCode.INVALID_BINARY_REPRESENTATION, "the data message cannot be read", e));
      }
    }

    private void inspect(InputStream in) throws IOException {
      in.mark(Integer.MAX_VALUE);
      check.check(DataFrame.read(in));
      in.reset();
    }

    private void refuse(SheafException e) {
      refused = true;
      StatusRuntimeException status = FlightErrors.toStatus(e);
      Metadata trailers = status.getTrailers();
      try {
        call.close(status.getStatus(), trailers == null ? new Metadata() : trailers);
      } catch (IllegalStateException alreadyClosed) {
        // The statement has ended with an error of its own.
      }
      // Wakes the thread that waits for the stream's next message.
      super.onCancel();
    }

    @Override
    public void onHalfClose() {
      if (!refused) {
        super.onHalfClose();
      }
    }

    @Override
    public void onCancel() {
      if (!refused) {
        super.onCancel();
      }
    }
  }
}
