package dev.sheaf.systemtests.adbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.systemtests.SheafServer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.adbc.core.AdbcConnection;
import org.apache.arrow.adbc.core.AdbcDatabase;
import org.apache.arrow.adbc.core.AdbcDriver;
import org.apache.arrow.adbc.core.AdbcException;
import org.apache.arrow.adbc.core.AdbcStatement;
import org.apache.arrow.adbc.core.BulkIngestMode;
import org.apache.arrow.adbc.driver.flightsql.FlightSqlDriver;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The ADBC Flight SQL driver for Java. */
final class AdbcDriverTest {
  private static SheafServer server;
  private BufferAllocator allocator;
  private AdbcDatabase database;
  private AdbcConnection connection;

  @BeforeAll
  static void start() {
    server = SheafServer.throwAway();
    server.createDatabase("adbc");
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @BeforeEach
  void connect() throws AdbcException {
    allocator = new RootAllocator();
    Map<String, Object> parameters = new HashMap<>();
    AdbcDriver.PARAM_URI.set(
        parameters,
        "grpc+tcp://" + server.addresses().flightHost() + ":" + server.addresses().flightPort());
    AdbcDriver.PARAM_USERNAME.set(parameters, "tester");
    AdbcDriver.PARAM_PASSWORD.set(parameters, "secret");
    database = new FlightSqlDriver(allocator).open(parameters);
    connection = database.connect();
    update("DROP TABLE IF EXISTS note");
    update("CREATE TABLE note (id BIGINT PRIMARY KEY, text VARCHAR)");
  }

  @AfterEach
  void disconnect() throws Exception {
    connection.close();
    database.close();
    allocator.close();
  }

  private long update(String sql) throws AdbcException {
    try (AdbcStatement statement = connection.createStatement()) {
      statement.setSqlQuery(sql);
      return statement.executeUpdate().getAffectedRows();
    } catch (AdbcException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private List<List<Object>> query(String sql) throws Exception {
    try (AdbcStatement statement = connection.createStatement()) {
      statement.setSqlQuery(sql);
      try (AdbcStatement.QueryResult result = statement.executeQuery()) {
        return rows(result.getReader());
      }
    }
  }

  private static List<List<Object>> rows(ArrowReader reader) throws Exception {
    List<List<Object>> rows = new ArrayList<>();
    while (reader.loadNextBatch()) {
      VectorSchemaRoot root = reader.getVectorSchemaRoot();
      for (int i = 0; i < root.getRowCount(); i++) {
        List<Object> row = new ArrayList<>();
        for (var vector : root.getFieldVectors()) {
          Object value = vector.getObject(i);
          row.add(value == null || value instanceof Number ? value : value.toString());
        }
        rows.add(row);
      }
    }
    return rows;
  }

  @Test
  void changesAndReads() throws Exception {
    assertThat(update("INSERT INTO note VALUES (1, 'one'), (2, NULL)")).isEqualTo(2);
    assertThat(query("SELECT id, text FROM note ORDER BY id"))
        .containsExactly(List.of(1L, "one"), java.util.Arrays.asList(2L, null));
  }

  @Test
  void bindsParameters() throws Exception {
    Schema schema =
        new Schema(
            List.of(
                Field.nullable("1", new ArrowType.Int(64, true)),
                Field.nullable("2", ArrowType.Utf8.INSTANCE)));
    try (VectorSchemaRoot root = VectorSchemaRoot.create(schema, allocator);
        AdbcStatement statement = connection.createStatement()) {
      fill(root, 3);
      statement.setSqlQuery("INSERT INTO note VALUES (?, ?)");
      statement.prepare();
      statement.bind(root);
      assertThat(statement.executeUpdate().getAffectedRows()).isEqualTo(3);
    }
    assertThat(query("SELECT count(*), max(text) FROM note"))
        .containsExactly(List.of(3L, "note 2"));
  }

  private static void fill(VectorSchemaRoot root, int rows) {
    root.allocateNew();
    for (int i = 0; i < rows; i++) {
      ((BigIntVector) root.getVector(0)).setSafe(i, i);
      ((VarCharVector) root.getVector(1))
          .setSafe(i, ("note " + i).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
    root.setRowCount(rows);
  }

  @Test
  void ingestsIntoANewTable() throws Exception {
    update("DROP TABLE IF EXISTS bulk");
    Schema schema =
        new Schema(
            List.of(
                Field.nullable("id", new ArrowType.Int(64, true)),
                Field.nullable("text", ArrowType.Utf8.INSTANCE)));
    try (VectorSchemaRoot root = VectorSchemaRoot.create(schema, allocator);
        AdbcStatement statement = connection.bulkIngest("bulk", BulkIngestMode.CREATE)) {
      fill(root, 1000);
      statement.bind(root);
      statement.executeUpdate();
    }
    assertThat(query("SELECT count(*), sum(id) FROM bulk").get(0).get(0)).isEqualTo(1000L);
  }

  @Test
  void listsCatalogsSchemasAndTables() throws Exception {
    try (ArrowReader objects =
        connection.getObjects(
            AdbcConnection.GetObjectsDepth.TABLES, null, null, "note", null, null)) {
      List<List<Object>> rows = rows(objects);
      assertThat(rows.toString()).contains("adbc").contains("public").contains("note");
    }
  }

  @Test
  void tellsErrors() {
    assertThatThrownBy(() -> query("SELECT * FROM nowhere"))
        .hasMessageContaining("42P01")
        .hasMessageContaining("nowhere");
    assertThatThrownBy(
            () -> {
              update("INSERT INTO note VALUES (1, 'a')");
              update("INSERT INTO note VALUES (1, 'b')");
            })
        .hasMessageContaining("23505");
  }
}
