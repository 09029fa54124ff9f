package dev.sheaf.bench;

import org.apache.arrow.flight.CallOption;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.sql.FlightSqlClient;
import org.apache.arrow.memory.BufferAllocator;

/**
 * By statements as text over Arrow's own Flight SQL client: two calls for a read, one for an
 * insert. Without bound parameters, because that client waits for its stream in a busy loop when it
 * sends some, and so takes the processor from the server beside it.
 */
final class FlightPointClient implements PointClient {
  private final FlightSqlClient client;
  private final CallOption[] options;

  FlightPointClient(BufferAllocator allocator, String host, int port, String database) {
    FlightLogin login = FlightLogin.open(allocator, host, port, database);
    this.client = new FlightSqlClient(login.client());
    this.options = login.options();
  }

  @Override
  public String read(long id) throws Exception {
    FlightInfo info = client.execute("SELECT payload FROM kv WHERE id = " + id, options);
    try (FlightStream rows =
        client.getStream(info.getEndpoints().getFirst().getTicket(), options)) {
      String payload = null;
      while (rows.next()) {
        if (rows.getRoot().getRowCount() > 0) {
          payload = rows.getRoot().getVector(0).getObject(0).toString();
        }
      }
      if (payload == null) {
        throw new IllegalStateException("row " + id + " is missing");
      }
      return payload;
    }
  }

  @Override
  public void insert(long id, String payload) {
    String sql = "INSERT INTO kv VALUES (" + id + ", '" + payload + "')";
    if (client.executeUpdate(sql, options) != 1) {
      throw new IllegalStateException("the insert changed nothing");
    }
  }

  @Override
  public void close() throws Exception {
    client.close();
  }
}
