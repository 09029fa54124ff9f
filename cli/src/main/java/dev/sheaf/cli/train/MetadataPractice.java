package dev.sheaf.cli.train;

import static dev.sheaf.cli.train.KeyPractice.fetch;

import java.util.List;
import org.apache.arrow.flight.CallOption;
import org.apache.arrow.flight.GetSessionOptionsRequest;
import org.apache.arrow.flight.sql.FlightSqlClient;
import org.apache.arrow.flight.sql.util.TableRef;

/** What drivers and tools ask for when they connect and browse. */
final class MetadataPractice {
  private static final int ROUNDS = 10;
  private static final TableRef TABLE = TableRef.of(null, "public", "lineitem");

  private MetadataPractice() {}

  static void run(FlightSqlClient client, CallOption[] options) {
    for (int i = 0; i < ROUNDS; i++) {
      fetch(client, client.getSqlInfo(new int[0], options), options);
      fetch(client, client.getCatalogs(options), options);
      fetch(client, client.getSchemas(null, null, options), options);
      fetch(client, client.getTables(null, null, "%", null, true, options), options);
      fetch(
          client,
          client.getTables(null, "public", "l%", List.of("TABLE"), false, options),
          options);
      fetch(client, client.getTableTypes(options), options);
      fetch(client, client.getXdbcTypeInfo(options), options);
      fetch(client, client.getPrimaryKeys(TABLE, options), options);
      fetch(client, client.getImportedKeys(TABLE, options), options);
      fetch(client, client.getExportedKeys(TABLE, options), options);
      client.getSessionOptions(new GetSessionOptionsRequest(), options);
    }
  }
}
