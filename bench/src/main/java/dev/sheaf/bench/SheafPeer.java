package dev.sheaf.bench;

import dev.sheaf.cli.client.Endpoint;
import dev.sheaf.cli.client.RestClient;
import dev.sheaf.cli.client.SqlClient;
import dev.sheaf.cli.demo.TpchDemo;
import dev.sheaf.cli.process.ServerAddresses;
import dev.sheaf.cli.process.ServerOptions;
import dev.sheaf.cli.process.ServerProcess;
import io.trino.tpch.TpchTable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import org.apache.arrow.memory.BufferAllocator;

/** A throw-away Sheaf server as a process, through the stock Flight SQL JDBC driver. */
final class SheafPeer implements Peer {
  private static final String DATABASE = "bench";
  private static final long START_SECONDS = 60;
  private static final PrintStream SILENT =
      new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);

  private final ServerProcess server;
  private final ServerAddresses addresses;

  /** Whether a start uses the AOT cache; one that is not current is never used. */
  enum Start {
    FROM_CACHE,
    PLAIN
  }

  SheafPeer(String memory) {
    this(memory, Start.FROM_CACHE);
  }

  SheafPeer(String memory, Start start) {
    this(memory, start, List.of());
  }

  /**
   * @param settings {@code name=value}
   */
  SheafPeer(String memory, Start start, List<String> settings) {
    this(new ServerOptions(null, 0, 0, null, true, memory, settings), start);
  }

  /**
   * @param data the folder, which stays
   * @param settings {@code name=value}
   */
  SheafPeer(String memory, Path data, List<String> settings) {
    this(new ServerOptions(data, 0, 0, null, false, memory, settings), Start.FROM_CACHE);
  }

  private SheafPeer(ServerOptions options, Start start) {
    server =
        switch (start) {
          case FROM_CACHE -> ServerProcess.start(options, SILENT);
          case PLAIN -> ServerProcess.start(ServerProcess.command(options, List.of()), SILENT);
        };
    addresses = server.awaitReady(START_SECONDS);
    if (rest().databases().stream().noneMatch(d -> d.path("name").asText().equals(DATABASE))) {
      rest().createDatabase(DATABASE);
    }
  }

  RestClient rest() {
    return new RestClient(addresses.flightHost(), addresses.httpPort());
  }

  /** The sum of a metric over all its tags; 0 if there is none. */
  double metric(String name) throws IOException {
    var url =
        URI.create(
            "http://%s:%d/q/metrics".formatted(addresses.flightHost(), addresses.httpPort()));
    try (InputStream answer = url.toURL().openStream()) {
      return new String(answer.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .sum();
    }
  }

  /** Deletes the database that connections go to and makes an empty one. */
  void replaceDatabase() {
    rest().deleteDatabase(DATABASE);
    rest().createDatabase(DATABASE);
  }

  @Override
  public String name() {
    return "Sheaf";
  }

  @Override
  public Connection connect() throws SQLException {
    Properties login = new Properties();
    login.setProperty("user", "bench");
    login.setProperty("password", "bench");
    return DriverManager.getConnection(
        "jdbc:arrow-flight-sql://%s:%d/?useEncryption=false&database=%s"
            .formatted(addresses.flightHost(), addresses.flightPort(), DATABASE),
        login);
  }

  SqlClient client() {
    return client(DATABASE);
  }

  SqlClient client(String database) {
    return SqlClient.connect(
        Endpoint.plain(addresses.flightHost(), addresses.flightPort(), database));
  }

  PointClient pointClient(BufferAllocator allocator) {
    return new FlightPointClient(
        allocator, addresses.flightHost(), addresses.flightPort(), DATABASE);
  }

  GrpcSqlClient grpcClient(BufferAllocator allocator) {
    return new GrpcSqlClient(allocator, addresses.flightHost(), addresses.flightPort(), DATABASE);
  }

  long pid() {
    return server.pid();
  }

  @Override
  public long load(TpchTable<?> table, double scale) {
    try (SqlClient client = client()) {
      return TpchDemo.load(client, table, scale, SILENT);
    }
  }

  @Override
  public void close() {
    server.close();
  }
}
