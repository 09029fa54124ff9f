package dev.sheaf.bench;

import java.nio.charset.StandardCharsets;
import org.apache.arrow.flight.sql.FlightSqlClient;
import org.apache.arrow.flight.sql.FlightSqlClient.PreparedStatement;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/** A prepared INSERT over Arrow's own Flight SQL client, one call for each execution. */
final class FlightInsertClient implements InsertClient {
  private final FlightLogin login;
  private final FlightSqlClient client;
  private final PreparedStatement insert;
  private final VectorSchemaRoot parameters;

  FlightInsertClient(BufferAllocator allocator, String host, int port, String database) {
    login = FlightLogin.open(allocator, host, port, database);
    client = new FlightSqlClient(login.client());
    insert = client.prepare("INSERT INTO kv VALUES (?, ?)", login.options());
    parameters = VectorSchemaRoot.create(insert.getParameterSchema(), allocator);
    insert.setParameters(parameters);
  }

  @Override
  public void insert(long id, String payload) {
    ((BigIntVector) parameters.getVector(0)).setSafe(0, id);
    ((VarCharVector) parameters.getVector(1)).setSafe(0, payload.getBytes(StandardCharsets.UTF_8));
    parameters.setRowCount(1);
    if (insert.executeUpdate(login.options()) != 1) {
      throw new IllegalStateException("the insert changed nothing");
    }
  }

  @Override
  public void close() throws Exception {
    insert.close(login.options());
    parameters.close();
    client.close();
  }
}
