package dev.sheaf.flightsql;

import static dev.sheaf.flightsql.FrontFixture.refused;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.arrow.flight.FlightStatusCode;
import org.apache.arrow.flight.sql.FlightSqlClient;
import org.apache.arrow.flight.sql.FlightSqlClient.ExecuteIngestOptions;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest.TableDefinitionOptions;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest.TableDefinitionOptions.TableExistsOption;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest.TableDefinitionOptions.TableNotExistOption;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Bulk ingest in its four modes, and what it refuses. */
class IngestTest {
  private final FrontFixture server = new FrontFixture();
  private final FlightSqlClient client = server.client();

  @AfterEach
  void close() throws Exception {
    server.close();
  }

  @Test
  void rowsOfAStreamArriveInEveryMode() {
    assertThat(ingest(10_000, options("t", create(), fail()))).isEqualTo(10_000);
    assertThat(server.engine.ingested.get("t")).hasSize(10_000);
    assertThat(server.engine.ingested.get("t").get(4_096)).isEqualTo(List.of(4_096, "v4096"));
    refused(
        FlightStatusCode.ALREADY_EXISTS, "42P07", () -> ingest(1, options("t", create(), fail())));
    assertThat(ingest(2, options("t", notCreated(), append()))).isEqualTo(2);
    assertThat(server.engine.ingested.get("t")).hasSize(10_002);
    assertThat(ingest(3, options("t", create(), replace()))).isEqualTo(3);
    assertThat(server.engine.ingested.get("t")).hasSize(3);
    assertThat(ingest(0, options("empty", create(), append()))).isZero();
    refused(
        FlightStatusCode.NOT_FOUND,
        "42P01",
        () -> ingest(1, options("none", notCreated(), append())));
  }

  @Test
  void refusesWhatItDoesNotDo() {
    refused(
        FlightStatusCode.INVALID_ARGUMENT,
        "22023",
        () ->
            ingest(
                1, options("t", TableNotExistOption.TABLE_NOT_EXIST_OPTION_UNSPECIFIED, append())));
    refused(
        FlightStatusCode.UNIMPLEMENTED,
        "0A000",
        () ->
            ingest(
                1,
                new ExecuteIngestOptions(
                    "t", definition(create(), fail()), true, null, null, null)));
    refused(
        FlightStatusCode.UNIMPLEMENTED,
        "0A000",
        () ->
            ingest(
                1,
                new ExecuteIngestOptions(
                    "t", definition(create(), fail()), null, null, Map.of("speed", "fast"))));
    refused(
        FlightStatusCode.NOT_FOUND,
        "3D000",
        () ->
            ingest(
                1,
                new ExecuteIngestOptions(
                    "t", definition(create(), fail()), "nowhere", null, Map.of())));
    assertThat(server.engine.ingested).isEmpty();
  }

  private long ingest(int rows, ExecuteIngestOptions options) {
    try (var n = new IntVector("n", server.clientMemory);
        var v = new VarCharVector("v", server.clientMemory);
        var root = VectorSchemaRoot.of(n, v)) {
      for (int i = 0; i < rows; i++) {
        n.setSafe(i, i);
        v.setSafe(i, ("v" + i).getBytes(StandardCharsets.UTF_8));
      }
      root.setRowCount(rows);
      return client.executeIngest(root, options);
    }
  }

  private static ExecuteIngestOptions options(
      String table, TableNotExistOption missing, TableExistsOption exists) {
    return new ExecuteIngestOptions(table, definition(missing, exists), null, null, Map.of());
  }

  private static TableDefinitionOptions definition(
      TableNotExistOption missing, TableExistsOption exists) {
    return TableDefinitionOptions.newBuilder().setIfNotExist(missing).setIfExists(exists).build();
  }

  private static TableNotExistOption create() {
    return TableNotExistOption.TABLE_NOT_EXIST_OPTION_CREATE;
  }

  private static TableNotExistOption notCreated() {
    return TableNotExistOption.TABLE_NOT_EXIST_OPTION_FAIL;
  }

  private static TableExistsOption fail() {
    return TableExistsOption.TABLE_EXISTS_OPTION_FAIL;
  }

  private static TableExistsOption append() {
    return TableExistsOption.TABLE_EXISTS_OPTION_APPEND;
  }

  private static TableExistsOption replace() {
    return TableExistsOption.TABLE_EXISTS_OPTION_REPLACE;
  }
}
