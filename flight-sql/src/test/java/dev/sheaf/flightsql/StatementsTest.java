package dev.sheaf.flightsql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.columnar.arrow.VecFiller;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import dev.sheaf.rpc.sql.SqlSession;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.Period;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.arrow.flight.CallOptions;
import org.apache.arrow.flight.CancelFlightInfoRequest;
import org.apache.arrow.flight.CancelStatus;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightStatusCode;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.sql.FlightSqlClient;
import org.apache.arrow.flight.sql.FlightSqlClient.PreparedStatement;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.TimeStampMilliVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Queries, updates, prepared statements, cancellation, as a Flight SQL client sees them. */
@Timeout(60)
class StatementsTest {
  private final FrontFixture server = new FrontFixture();
  private final FlightSqlClient client = server.client();

  @AfterEach
  void close() throws Exception {
    server.close();
  }

  @Test
  void everyTypeArrivesWithItsNullsAndMetadata() throws Exception {
    Object[][] cases = {
      {SqlType.BOOLEAN, true, true},
      {SqlType.SMALLINT, -7, (short) -7},
      {SqlType.INTEGER, 1 << 30, 1 << 30},
      {SqlType.BIGINT, Long.MIN_VALUE, Long.MIN_VALUE},
      {SqlType.REAL, 1.5, 1.5f},
      {SqlType.DOUBLE, -0.1, -0.1},
      {SqlType.decimal(10, 2), -1234L, new BigDecimal("-12.34")},
      {
        SqlType.decimal(38, 4),
        BigInteger.TEN.pow(37).negate(),
        BigDecimal.TEN.pow(33).negate().setScale(4)
      },
      {SqlType.TEXT, "grün".getBytes(StandardCharsets.UTF_8), "grün"},
      {SqlType.character(2), "ab".getBytes(StandardCharsets.UTF_8), "ab"},
      {SqlType.BYTEA, "xyz".getBytes(StandardCharsets.UTF_8), "xyz"},
      {SqlType.DATE, 19_000, 19_000},
      {SqlType.TIME, 3_600_000_001L, 3_600_000_001L},
      {SqlType.TIMESTAMP, 1_500_000L, LocalDateTime.parse("1970-01-01T00:00:01.5")},
      {SqlType.TIMESTAMPTZ, 1_500_000L, 1_500_000L},
      {SqlType.UUID, new byte[16], "00000000-0000-0000-0000-000000000000"},
      {SqlType.INTERVAL_YEAR_MONTH, 14, Period.ofMonths(14)},
      {SqlType.INTERVAL_DAY_TIME, 1_000_001L, Duration.ofSeconds(1, 1_000)},
    };
    List<Field> fields = new ArrayList<>();
    Vec[] columns = new Vec[cases.length];
    List<@Nullable Object> expected = new ArrayList<>();
    for (int i = 0; i < cases.length; i++) {
      SqlType type = (SqlType) cases[i][0];
      fields.add(new Field("c" + i, type, true));
      columns[i] = VecFiller.of(type.physical(), new Object[] {cases[i][1], null});
      expected.add(cases[i][2]);
    }
    server.engine.query("SELECT all", fields, Batch.of(columns, 2));

    FlightInfo info = client.execute("SELECT all");
    assertThat(info.getEndpoints().getFirst().getLocations()).isEmpty();
    assertThat(info.getSchema().getFields().get(6).getMetadata())
        .containsEntry("ARROW:FLIGHT:SQL:TYPE_NAME", "decimal")
        .containsEntry("ARROW:FLIGHT:SQL:PRECISION", "10")
        .containsEntry("ARROW:FLIGHT:SQL:SCALE", "2");
    assertThat(FrontFixture.rows(client, info))
        .isEqualTo(List.of(expected, Arrays.asList(new Object[cases.length])));
  }

  @Test
  void resultsBeyondOneBatchArriveWhole() throws Exception {
    List<Field> fields = List.of(new Field("n", SqlType.BIGINT, false));
    Batch[] batches =
        IntStream.range(0, 300)
            .mapToObj(b ->
                FakeSql.column(
                    SqlType.BIGINT,
                    IntStream.range(0, 4096).mapToObj(i -> b * 4096L + i).toArray()))
            .toArray(Batch[]::new);
    server.engine.query("SELECT many", fields, batches);
    long rows = 0;
    try (FlightStream stream =
        client.getStream(client.execute("SELECT many").getEndpoints().getFirst().getTicket())) {
      while (stream.next()) {
        var n = (BigIntVector) stream.getRoot().getVector(0);
        for (int i = 0; i < n.getValueCount(); i++) {
          assertThat(n.get(i)).isEqualTo(rows++);
        }
      }
    }
    assertThat(rows).isEqualTo(300 * 4096);
  }

  @Test
  void whatIsNotAQueryRunsOnceOnTheQueryPath() throws Exception {
    server.engine.update("INSERT", 3);
    FlightInfo info = client.execute("INSERT");
    assertThat(server.engine.statementsRun()).containsExactly("INSERT");
    assertThat(info.getRecords()).isEqualTo(3);
    assertThat(info.getSchema().getFields()).isEmpty();
    assertThat(FrontFixture.rows(client, info)).isEmpty();
    assertThat(FrontFixture.rows(client, info)).isEmpty();

    try (PreparedStatement prepared = client.prepare("INSERT")) {
      assertThat(prepared.getResultSetSchema().getFields()).isEmpty();
      assertThat(FrontFixture.rows(client, prepared.execute())).isEmpty();
    }
    assertThat(server.engine.statementsRun()).containsExactly("INSERT", "INSERT");
    assertThat(client.executeUpdate("INSERT")).isEqualTo(3);
    assertThat(server.engine.runs).hasSize(3);
  }

  @Test
  void askingForASchemaRunsNothing() {
    server.engine.query("SELECT 1", List.of(new Field("n", SqlType.INTEGER, false)));
    assertThat(client.getExecuteSchema("SELECT 1").getSchema().getFields()).hasSize(1);
    assertThat(server.engine.runs).isEmpty();
  }

  @Test
  void boundParametersAreConvertedAndRunAsOne() throws Exception {
    server.engine.update(
        "INSERT ?",
        2,
        new Field("a", SqlType.INTEGER, false),
        new Field("b", SqlType.TEXT, true),
        new Field("c", SqlType.TIMESTAMP, true));
    try (PreparedStatement prepared = client.prepare("INSERT ?")) {
      var parameters = prepared.getParameterSchema().getFields();
      assertThat(parameters).allMatch(org.apache.arrow.vector.types.pojo.Field::isNullable);
      assertThat(((ArrowType.Timestamp) parameters.get(2).getType()).getUnit())
          .isEqualTo(org.apache.arrow.vector.types.TimeUnit.MILLISECOND);
      try (var a = new BigIntVector("a", server.clientMemory);
          var b = new VarCharVector("b", server.clientMemory);
          var c = new TimeStampMilliVector("c", server.clientMemory);
          var root = VectorSchemaRoot.of(a, b, c)) {
        a.setSafe(0, 1);
        a.setSafe(1, 2);
        b.setSafe(0, "x".getBytes(StandardCharsets.UTF_8));
        c.setSafe(1, 5);
        root.setRowCount(2);
        prepared.setParameters(root);
        assertThat(prepared.executeUpdate()).isEqualTo(2);
        assertThat(server.engine.runs).hasSize(1);
        assertThat(server.engine.runs.getFirst().parameters())
            .isEqualTo(List.of(Arrays.asList(1, "x", null), Arrays.asList(2, null, 5_000L)));

        root.setRowCount(0);
        assertThat(prepared.executeUpdate()).isZero();
        root.setRowCount(2);
        a.setSafe(1, 1L << 40);
        FrontFixture.refused(FlightStatusCode.INVALID_ARGUMENT, "22003", prepared::executeUpdate);
        assertThat(server.engine.runs).hasSize(1);
        prepared.clearParameters();
      }
    }
  }

  @Test
  void anUpdateWithoutParametersRunsOnceThoughNoRowIsBound() {
    server.engine.update("DELETE", 7);
    try (PreparedStatement prepared = client.prepare("DELETE")) {
      assertThat(prepared.executeUpdate()).isEqualTo(7);
    }
    assertThat(server.engine.statementsRun()).containsExactly("DELETE");
  }

  @Test
  void aPreparedQueryTakesTheParametersBoundToIt() throws Exception {
    List<Field> fields = List.of(new Field("n", SqlType.BIGINT, true));
    server.engine.scripts.put(
        "SELECT ?",
        new FakeSql.Script(
            SqlSession.StatementKind.QUERY,
            fields,
            List.of(new Field("p", SqlType.BIGINT, true)),
            run ->
                server.engine.rows(
                    fields,
                    List.of(FakeSql.column(SqlType.BIGINT, run.parameters().getFirst().getFirst()))
                        .iterator())));
    try (PreparedStatement prepared = client.prepare("SELECT ?");
        var p = new BigIntVector("p", server.clientMemory);
        var root = VectorSchemaRoot.of(p)) {
      FrontFixture.refused(FlightStatusCode.INVALID_ARGUMENT, "42P02", prepared::execute);
      p.setSafe(0, 42);
      root.setRowCount(1);
      prepared.setParameters(root);
      FlightInfo first = prepared.execute();
      p.setSafe(0, 43);
      FlightInfo second = prepared.execute();
      assertThat(FrontFixture.rows(client, second)).isEqualTo(List.of(List.of(43L)));
      assertThat(FrontFixture.rows(client, first)).isEqualTo(List.of(List.of(42L)));
      prepared.clearParameters();
    }
  }

  @Test
  void aResultOutlivesItsStatementAndIsFetchedOnce() throws Exception {
    server.engine.query(
        "SELECT 1",
        List.of(new Field("n", SqlType.INTEGER, false)),
        FakeSql.column(SqlType.INTEGER, 1));
    FlightInfo info;
    try (PreparedStatement prepared = client.prepare("SELECT 1")) {
      info = prepared.execute();
    }
    assertThat(server.engine.openPrepared).hasValue(1);
    assertThat(FrontFixture.rows(client, info)).hasSize(1);
    FrontFixture.refused(
        FlightStatusCode.NOT_FOUND, "26000", () -> FrontFixture.rows(client, info));
  }

  @Test
  void aDroppedStreamStopsTheQueryAndFreesAll() throws Exception {
    CountDownLatch stopped = new CountDownLatch(1);
    endless("SELECT endless", stopped);
    FlightInfo info = client.execute("SELECT endless");
    try (FlightStream stream = client.getStream(info.getEndpoints().getFirst().getTicket())) {
      assertThat(stream.next()).isTrue();
      stream.cancel("enough", null);
    }
    FrontFixture.eventually(() -> server.engine.openSources.get() == 0);
    FrontFixture.eventually(() -> server.serverMemory.getAllocatedMemory() == 0);
    FrontFixture.eventually(() -> server.engine.openPrepared.get() == 0);
  }

  @Test
  void aSilentReaderIsCancelledByHandle() throws Exception {
    endless("SELECT endless", new CountDownLatch(1));
    FlightInfo info = client.execute("SELECT endless");
    try (FlightStream stream = client.getStream(info.getEndpoints().getFirst().getTicket())) {
      assertThat(stream.next()).isTrue();
      FlightSqlClient same = client;
      assertThat(same.cancelFlightInfo(new CancelFlightInfoRequest(info)).getStatus())
          .isEqualTo(CancelStatus.CANCELLED);
      FrontFixture.eventually(() -> server.engine.openSources.get() == 0);
      FrontFixture.refused(
          FlightStatusCode.CANCELLED,
          "57014",
          () -> {
            while (stream.next()) {
              // read what was sent before
            }
          });
    }
    assertThat(client.cancelFlightInfo(new CancelFlightInfoRequest(info)).getStatus())
        .isEqualTo(CancelStatus.NOT_CANCELLABLE);
    FlightInfo waiting = client.execute("SELECT endless");
    assertThat(client.cancelFlightInfo(new CancelFlightInfoRequest(waiting)).getStatus())
        .isEqualTo(CancelStatus.CANCELLED);
    FrontFixture.refused(
        FlightStatusCode.NOT_FOUND, "26000", () -> FrontFixture.rows(client, waiting));
  }

  @Test
  void aDeadlineReachesAStatementThatRunsInGetFlightInfo() throws Exception {
    CountDownLatch stopped = new CountDownLatch(1);
    server.engine.scripts.put(
        "UPDATE slow",
        new FakeSql.Script(
            SqlSession.StatementKind.UPDATE,
            List.of(),
            List.of(),
            run -> {
              while (!run.cancel().isCancelled()) {
                Thread.onSpinWait();
              }
              stopped.countDown();
              throw new SheafException(ErrorCode.QUERY_CANCELED, "canceled");
            }));
    assertThat(
            org.assertj.core.api.Assertions.catchThrowableOfType(
                    org.apache.arrow.flight.FlightRuntimeException.class,
                    () ->
                        client.execute(
                            "UPDATE slow", CallOptions.timeout(300, TimeUnit.MILLISECONDS)))
                .status()
                .code())
        .isEqualTo(FlightStatusCode.TIMED_OUT);
    assertThat(stopped.await(10, TimeUnit.SECONDS)).isTrue();
  }

  private void endless(String sql, CountDownLatch stopped) {
    List<Field> fields = List.of(new Field("n", SqlType.TEXT, false));
    byte[] text = new byte[1 << 16];
    Arrays.fill(text, (byte) 'x');
    Batch batch = FakeSql.column(SqlType.TEXT, text, text, text, text);
    server.engine.scripts.put(
        sql,
        new FakeSql.Script(
            SqlSession.StatementKind.QUERY,
            fields,
            List.of(),
            run ->
                server.engine.rows(
                    fields,
                    new Iterator<>() {
                      @Override
                      public boolean hasNext() {
                        if (run.cancel().isCancelled()) {
                          stopped.countDown();
                          throw new SheafException(ErrorCode.QUERY_CANCELED, "canceled");
                        }
                        return true;
                      }

                      @Override
                      public Batch next() {
                        return batch;
                      }
                    })));
  }
}
