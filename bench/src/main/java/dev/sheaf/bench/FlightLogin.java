package dev.sheaf.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.arrow.flight.CallHeaders;
import org.apache.arrow.flight.CallOption;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightCallHeaders;
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.flight.FlightClientMiddleware;
import org.apache.arrow.flight.HeaderCallOption;
import org.apache.arrow.flight.Location;
import org.apache.arrow.memory.BufferAllocator;

/**
 * A connection of Arrow's own Flight client, logged in.
 *
 * @param options to be given to every call: they name the session and the database
 * @param authorization what the options send under that name
 */
record FlightLogin(FlightClient client, CallOption[] options, String authorization) {
  private static final String AUTHORIZATION = "authorization";

  static FlightLogin open(BufferAllocator allocator, String host, int port, String database) {
    var authorization = new AtomicReference<>("");
    FlightClient client =
        FlightClient.builder(allocator, Location.forGrpcInsecure(host, port))
            .intercept(call -> new Listener(authorization))
            .build();
    var headers = new FlightCallHeaders();
    headers.insert("database", database);
    List<CallOption> all = new ArrayList<>();
    all.add(new HeaderCallOption(headers));
    client.authenticateBasicToken("bench", "bench").ifPresent(all::add);
    return new FlightLogin(
        client, all.toArray(CallOption[]::new), Objects.requireNonNull(authorization.get()));
  }

  /** Remembers the token that the server gave. */
  private record Listener(AtomicReference<String> authorization) implements FlightClientMiddleware {
    @Override
    public void onBeforeSendingHeaders(CallHeaders outgoing) {}

    @Override
    public void onHeadersReceived(CallHeaders incoming) {
      String given = incoming.get(AUTHORIZATION);
      if (given != null) {
        authorization.set(given);
      }
    }

    @Override
    public void onCallCompleted(CallStatus status) {}
  }
}
