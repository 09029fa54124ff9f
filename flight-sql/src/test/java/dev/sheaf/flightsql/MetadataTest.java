package dev.sheaf.flightsql;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.sql.FlightSqlClient;
import org.apache.arrow.flight.sql.FlightSqlProducer.Schemas;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlInfo;
import org.apache.arrow.flight.sql.util.TableRef;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.complex.DenseUnionVector;
import org.apache.arrow.vector.ipc.ReadChannel;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Canonical schemas, filters, orders, and every fact that a client may ask for. */
class MetadataTest {
  private final FrontFixture server = new FrontFixture();
  private final FlightSqlClient client = server.client();

  @AfterEach
  void close() throws Exception {
    server.close();
  }

  @Test
  void answersHaveTheCanonicalSchemasAlsoWithoutRows() throws Exception {
    TableRef table = TableRef.of(null, null, "orders_2024");
    record Answer(FlightInfo info, Schema schema, int rows) {}
    List<Answer> answers =
        List.of(
            new Answer(client.getCatalogs(), Schemas.GET_CATALOGS_SCHEMA, 1),
            new Answer(client.getSchemas(null, null), Schemas.GET_SCHEMAS_SCHEMA, 2),
            new Answer(client.getTableTypes(), Schemas.GET_TABLE_TYPES_SCHEMA, 3),
            new Answer(
                client.getTables(null, null, null, null, true), Schemas.GET_TABLES_SCHEMA, 3),
            new Answer(
                client.getTables(null, null, null, null, false),
                Schemas.GET_TABLES_SCHEMA_NO_SCHEMA,
                3),
            new Answer(client.getPrimaryKeys(table), Schemas.GET_PRIMARY_KEYS_SCHEMA, 1),
            new Answer(client.getExportedKeys(table), Schemas.GET_EXPORTED_KEYS_SCHEMA, 0),
            new Answer(client.getImportedKeys(table), Schemas.GET_IMPORTED_KEYS_SCHEMA, 0),
            new Answer(
                client.getCrossReference(table, table), Schemas.GET_CROSS_REFERENCE_SCHEMA, 0),
            new Answer(client.getXdbcTypeInfo(), Schemas.GET_TYPE_INFO_SCHEMA, 15),
            new Answer(client.getXdbcTypeInfo(4), Schemas.GET_TYPE_INFO_SCHEMA, 1));
    for (Answer answer : answers) {
      assertThat(answer.info().getSchema()).isEqualTo(answer.schema());
      try (FlightStream stream =
          client.getStream(answer.info().getEndpoints().getFirst().getTicket())) {
        assertThat(stream.getSchema()).isEqualTo(answer.schema());
        assertThat(stream.next()).isTrue();
        assertThat(stream.getRoot().getRowCount())
            .as(answer.schema().toString())
            .isEqualTo(answer.rows());
      }
    }
    assertThat(client.getTablesSchema(true).getSchema()).isEqualTo(Schemas.GET_TABLES_SCHEMA);
  }

  @Test
  void tablesAreFilteredByPatternAndOrdered() throws Exception {
    assertThat(FrontFixture.rows(client, client.getTables(null, null, null, null, false)))
        .isEqualTo(
            List.of(
                List.of("shop", "information_schema", "tables", "SYSTEM TABLE"),
                List.of("shop", "public", "ordersX2024", "VIEW"),
                List.of("shop", "public", "orders_2024", "TABLE")));
    assertThat(names("orders_2024", null)).containsExactly("ordersX2024", "orders_2024");
    assertThat(names("orders\\_2024", null)).containsExactly("orders_2024");
    assertThat(names("%2024", List.of("TABLE"))).containsExactly("orders_2024");
    assertThat(names("ord.*", null)).isEmpty();
    assertThat(FrontFixture.rows(client, client.getTables("", null, null, null, false))).isEmpty();
    assertThat(FrontFixture.rows(client, client.getTables("other", null, null, null, false)))
        .isEmpty();
    assertThat(FrontFixture.rows(client, client.getTables("shop", "pub%", null, null, false)))
        .hasSize(2);
    assertThat(
            FrontFixture.rows(
                client, client.getPrimaryKeys(TableRef.of(null, "public", "orders_2024"))))
        .isEqualTo(List.of(List.of("shop", "public", "orders_2024", "id", 1, "orders_pk")));
  }

  private List<Object> names(String pattern, List<String> types) throws Exception {
    List<Object> names = new ArrayList<>();
    FrontFixture.rows(client, client.getTables(null, null, pattern, types, false))
        .forEach(row -> names.add(row.get(2)));
    return names;
  }

  @Test
  void aTablesColumnsComeWithTheirTypes() throws Exception {
    FlightInfo info = client.getTables(null, null, "orders\\_2024", null, true);
    try (FlightStream stream = client.getStream(info.getEndpoints().getFirst().getTicket())) {
      assertThat(stream.next()).isTrue();
      byte[] bytes = ((VarBinaryVector) stream.getRoot().getVector("table_schema")).get(0);
      Schema schema =
          MessageSerializer.deserializeSchema(
              new ReadChannel(
                  java.nio.channels.Channels.newChannel(ByteString.copyFrom(bytes).newInput())));
      var total = schema.findField("total");
      assertThat(schema.findField("id").isNullable()).isFalse();
      assertThat(total.getMetadata())
          .containsEntry("ARROW:FLIGHT:SQL:TYPE_NAME", "decimal")
          .containsEntry("ARROW:FLIGHT:SQL:TABLE_NAME", "orders_2024")
          .containsEntry("ARROW:FLIGHT:SQL:PRECISION", "12")
          .containsEntry("SHEAF:COLUMN_DEFAULT", "0");
    }
  }

  @Test
  void everyServerFactIsGiven() throws Exception {
    Set<Integer> given = new HashSet<>();
    FlightInfo info = client.getSqlInfo(new SqlInfo[0]);
    try (FlightStream stream = client.getStream(info.getEndpoints().getFirst().getTicket())) {
      while (stream.next()) {
        var ids = (UInt4Vector) stream.getRoot().getVector("info_name");
        var values = (DenseUnionVector) stream.getRoot().getVector("value");
        for (int i = 0; i < stream.getRoot().getRowCount(); i++) {
          given.add(ids.get(i));
          assertThat(values.getObject(i)).as("fact " + ids.get(i)).isNotNull();
        }
      }
    }
    Set<Integer> known = new HashSet<>();
    for (SqlInfo fact : SqlInfo.values()) {
      if (fact != SqlInfo.UNRECOGNIZED) {
        known.add(fact.getNumber());
      }
    }
    assertThat(given).isEqualTo(known);
    assertThat(FrontFixture.rows(client, client.getSqlInfo(List.of(8, 4711))))
        .isEqualTo(List.of(List.of(8, 1)));
  }
}
