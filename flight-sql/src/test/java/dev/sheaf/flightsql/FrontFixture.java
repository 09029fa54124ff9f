package dev.sheaf.flightsql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.flightsql.session.Authenticator;
import dev.sheaf.flightsql.session.TrustEverybody;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.apache.arrow.flight.FlightCallHeaders;
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStatusCode;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.HeaderCallOption;
import org.apache.arrow.flight.Location;
import org.apache.arrow.flight.client.ClientCookieMiddleware;
import org.apache.arrow.flight.sql.FlightSqlClient;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;

/** A front over a fake engine on a free port, and clients of it. Closing it checks for leaks. */
final class FrontFixture implements AutoCloseable {
  final FakeSql engine = new FakeSql();
  final BufferAllocator serverMemory = new RootAllocator();
  final BufferAllocator clientMemory = new RootAllocator();

  /** Added to the monotonic clock of the server. */
  final AtomicLong skippedNanos = new AtomicLong();

  final FlightSqlFront front;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final List<AutoCloseable> clients = new ArrayList<>();

  FrontFixture() {
    this(FrontConfig.defaults(), new TrustEverybody());
  }

  FrontFixture(FrontConfig config, Authenticator authenticator) {
    front =
        new FlightSqlFront(
            engine,
            serverMemory,
            config,
            authenticator,
            new FlightSqlFront.Surroundings(
                InstantSource.system(),
                () -> System.nanoTime() + skippedNanos.get(),
                new SecureRandom(),
                threads,
                timer));
    front.start("127.0.0.1", 0);
  }

  Location location() {
    return Location.forGrpcInsecure("127.0.0.1", front.port());
  }

  /** A client that keeps cookies, as the stock JDBC driver does. */
  FlightSqlClient client() {
    return track(
        FlightClient.builder(clientMemory, location())
            .intercept(new ClientCookieMiddleware.Factory())
            .build());
  }

  /** A client that forgets everything between calls. */
  FlightSqlClient forgetfulClient() {
    return track(rawClient());
  }

  FlightClient rawClient() {
    return FlightClient.builder(clientMemory, location()).build();
  }

  private FlightSqlClient track(FlightClient client) {
    var sql = new FlightSqlClient(client);
    clients.add(sql);
    return sql;
  }

  static HeaderCallOption header(String name, String value) {
    var headers = new FlightCallHeaders();
    headers.insert(name, value);
    return new HeaderCallOption(headers);
  }

  /** All rows that a FlightInfo leads to, as the vectors' Java objects. */
  static List<List<@Nullable Object>> rows(FlightSqlClient client, FlightInfo info)
      throws Exception {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    try (FlightStream stream = client.getStream(info.getEndpoints().getFirst().getTicket())) {
      while (stream.next()) {
        for (int i = 0; i < stream.getRoot().getRowCount(); i++) {
          List<@Nullable Object> row = new ArrayList<>();
          for (FieldVector vector : stream.getRoot().getFieldVectors()) {
            Object value = vector.getObject(i);
            row.add(
                value instanceof byte[] b ? new String(b, StandardCharsets.UTF_8) : text(value));
          }
          rows.add(row);
        }
      }
    }
    return rows;
  }

  private static @Nullable Object text(@Nullable Object value) {
    return value instanceof org.apache.arrow.vector.util.Text text ? text.toString() : value;
  }

  static void refused(FlightStatusCode code, String sqlState, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            FlightRuntimeException.class,
            e -> {
              assertThat(e.status().description()).startsWith("[" + sqlState + "] ");
              assertThat(e.status().metadata().get("x-sqlstate")).isEqualTo(sqlState);
              assertThat(e.status().code()).as(e.getMessage()).isEqualTo(code);
            });
  }

  /** Waits for something that happens soon, on another thread. */
  static void eventually(BooleanSupplier condition) throws InterruptedException {
    for (int i = 0; i < 1000 && !condition.getAsBoolean(); i++) {
      Thread.sleep(10);
    }
    assertThat(condition.getAsBoolean()).isTrue();
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable client : clients) {
      client.close();
    }
    front.close();
    threads.shutdown();
    timer.shutdown();
    assertThat(engine.openSources).hasValue(0);
    assertThat(engine.openPrepared).hasValue(0);
    assertThat(engine.openSessions).hasValue(0);
    clientMemory.close();
    serverMemory.close();
  }
}
