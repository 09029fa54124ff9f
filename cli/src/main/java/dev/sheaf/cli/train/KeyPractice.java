package dev.sheaf.cli.train;

import org.apache.arrow.flight.CallOption;
import org.apache.arrow.flight.FlightEndpoint;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.sql.FlightSqlClient;
import org.apache.arrow.flight.sql.FlightSqlClient.PreparedStatement;
import org.apache.arrow.flight.sql.FlightSqlClient.Transaction;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.util.Text;

/** Rows read and written by primary key with prepared statements, often enough to get compiled. */
final class KeyPractice {

  private final BufferAllocator allocator;
  private final Practice.Effort effort;

  KeyPractice(BufferAllocator allocator, Practice.Effort effort) {
    this.allocator = allocator;
    this.effort = effort;
  }

  void run(FlightSqlClient client, CallOption[] options) {
    client.executeUpdate(
        "CREATE TABLE pairs (id BIGINT PRIMARY KEY, word VARCHAR NOT NULL)", options);
    try (PreparedStatement insert = client.prepare("INSERT INTO pairs VALUES (?, ?)", options);
        VectorSchemaRoot row = parameters(insert)) {
      for (int id = 0; id < effort.writes(); id++) {
        set(row, id, "word " + id);
        insert.executeUpdate(options);
      }
    }
    read(client, options);
    try (PreparedStatement update =
            client.prepare("UPDATE pairs SET id = ?, word = ? WHERE id = 7", options);
        VectorSchemaRoot row = parameters(update)) {
      for (int i = 0; i < effort.writes() / 10; i++) {
        set(row, 7, "changed " + i);
        update.executeUpdate(options);
      }
    }
    for (int i = 0; i < effort.writes() / 10; i++) {
      transaction(client, options, i);
    }
    client.executeUpdate("DROP TABLE pairs", options);
  }

  private void read(FlightSqlClient client, CallOption[] options) {
    try (PreparedStatement select = client.prepare("SELECT * FROM pairs WHERE id = ?", options);
        VectorSchemaRoot row = parameters(select)) {
      for (int i = 0; i < effort.reads(); i++) {
        set(row, i % effort.writes(), "");
        fetch(client, select.execute(options), options);
      }
    }
  }

  private static void transaction(FlightSqlClient client, CallOption[] options, int id) {
    Transaction transaction = client.beginTransaction(options);
    fetch(client, client.execute("SELECT count(*) FROM pairs", transaction, options), options);
    client.executeUpdate("DELETE FROM pairs WHERE id = " + id, transaction, options);
    if (id % 2 == 0) {
      client.commit(transaction, options);
    } else {
      client.rollback(transaction, options);
    }
  }

  private VectorSchemaRoot parameters(PreparedStatement statement) {
    VectorSchemaRoot row = VectorSchemaRoot.create(statement.getParameterSchema(), allocator);
    statement.setParameters(row);
    return row;
  }

  private static void set(VectorSchemaRoot row, long id, String word) {
    ((BigIntVector) row.getVector(0)).setSafe(0, id);
    if (row.getFieldVectors().size() > 1) {
      ((VarCharVector) row.getVector(1)).setSafe(0, new Text(word));
    }
    row.setRowCount(1);
  }

  /** Reads a result to its end. */
  static void fetch(FlightSqlClient client, FlightInfo info, CallOption[] options) {
    for (FlightEndpoint endpoint : info.getEndpoints()) {
      try (FlightStream stream = client.getStream(endpoint.getTicket(), options)) {
        while (stream.next()) {
          stream.getRoot();
        }
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException("cannot close the result stream", e);
      }
    }
  }
}
