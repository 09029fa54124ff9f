package dev.sheaf.rpc.grpc;

import io.grpc.Attributes;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;

/**
 * Watches one call for whether it was ever given to a connection. As long as it was not, the server
 * cannot have seen it: an error then is certain. Thread-safe.
 */
public final class SendTrace extends ClientStreamTracer.Factory {
  private volatile boolean maybeSent;

  @Override
  public ClientStreamTracer newClientStreamTracer(
      ClientStreamTracer.StreamInfo info, Metadata headers) {
    return new ClientStreamTracer() {
      @Override
      public void streamCreated(Attributes transportAttributes, Metadata sentHeaders) {
        maybeSent = true;
      }
    };
  }

  /** False: the server surely did not see the call. */
  public boolean maybeSent() {
    return maybeSent;
  }
}
