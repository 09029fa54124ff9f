package dev.sheaf.flightsql;

import static dev.sheaf.flightsql.FrontFixture.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import dev.sheaf.rpc.sql.SqlSession;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.arrow.flight.Action;
import org.apache.arrow.flight.AsyncPutListener;
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.flight.FlightDescriptor;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStatusCode;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.flight.sql.FlightSqlClient;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionBeginSavepointRequest;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionClosePreparedStatementRequest;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandPreparedStatementQuery;
import org.apache.arrow.flight.sql.impl.FlightSql.TicketStatementQuery;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Errors of the engine, forged names and garbage: typed answers, and the server goes on. */
@Timeout(60)
class BadInputTest {
  private static final long SEED = Long.getLong("sheaf.seed", 20261122L);

  private final FrontFixture server = new FrontFixture();
  private final FlightSqlClient client = server.client();

  @AfterEach
  void close() throws Exception {
    server.engine.update("STILL ALIVE", 1);
    assertThat(client.executeUpdate("STILL ALIVE")).isEqualTo(1);
    server.close();
  }

  @Test
  void anErrorCarriesItsStateHintAndPosition() {
    var e = catchThrowableOfType(FlightRuntimeException.class, () -> client.execute("SELECT form"));
    assertThat(e.status().description())
        .isEqualTo("[42601] no script for: SELECT form (line 1, column 8)\nHINT: Wörter helfen.");
    assertThat(e.status().metadata().get("x-sqlstate")).isEqualTo("42601");
    assertThat(e.status().metadata().get("x-sheaf-hint")).isEqualTo("W?rter helfen.");
    assertThat(e.status().metadata().get("x-sheaf-position")).isEqualTo("1:8");
  }

  @Test
  void everyKindOfErrorHasItsStatus() {
    Map<ErrorCode, FlightStatusCode> statuses =
        Map.ofEntries(
            Map.entry(ErrorCode.DIVISION_BY_ZERO, FlightStatusCode.INVALID_ARGUMENT),
            Map.entry(ErrorCode.UNIQUE_VIOLATION, FlightStatusCode.INVALID_ARGUMENT),
            Map.entry(ErrorCode.UNDEFINED_TABLE, FlightStatusCode.NOT_FOUND),
            Map.entry(ErrorCode.DUPLICATE_TABLE, FlightStatusCode.ALREADY_EXISTS),
            Map.entry(ErrorCode.INSUFFICIENT_PRIVILEGE, FlightStatusCode.UNAUTHORIZED),
            Map.entry(ErrorCode.FEATURE_NOT_SUPPORTED, FlightStatusCode.UNIMPLEMENTED),
            Map.entry(ErrorCode.SERIALIZATION_FAILURE, FlightStatusCode.INTERNAL),
            Map.entry(ErrorCode.STATEMENT_COMPLETION_UNKNOWN, FlightStatusCode.UNKNOWN),
            Map.entry(ErrorCode.OUT_OF_MEMORY, FlightStatusCode.RESOURCE_EXHAUSTED),
            Map.entry(ErrorCode.QUERY_CANCELED, FlightStatusCode.CANCELLED),
            Map.entry(ErrorCode.CANNOT_CONNECT_NOW, FlightStatusCode.UNAVAILABLE),
            Map.entry(ErrorCode.SNAPSHOT_TOO_OLD, FlightStatusCode.INVALID_ARGUMENT),
            Map.entry(ErrorCode.DATA_CORRUPTED, FlightStatusCode.INTERNAL));
    statuses.forEach((code, status) -> {
      failing("FAIL", new SheafException(code, "it failed"));
      refused(status, code.sqlState(), () -> client.executeUpdate("FAIL"));
      refused(status, code.sqlState(), () -> client.execute("FAIL"));
    });
  }

  @Test
  void aDefectShowsAnIdAndNothingElse() {
    failing("FAIL", new IllegalStateException("secret detail"));
    refused(FlightStatusCode.INTERNAL, "XX000", () -> client.executeUpdate("FAIL"));
    var e = catchThrowableOfType(FlightRuntimeException.class, () -> client.executeUpdate("FAIL"));
    assertThat(e.getMessage())
        .contains("internal error, reported as ")
        .doesNotContain("secret")
        .doesNotContain("Exception");
  }

  @Test
  void anErrorAmongTheRowsEndsTheStream() {
    List<Field> fields = List.of(new Field("n", SqlType.INTEGER, false));
    server.engine.scripts.put(
        "SELECT 1/n",
        new FakeSql.Script(
            SqlSession.StatementKind.QUERY,
            fields,
            List.of(),
            run ->
                server.engine.rows(
                    fields,
                    new java.util.Iterator<>() {
                      private int batches;

                      @Override
                      public boolean hasNext() {
                        return true;
                      }

                      @Override
                      public dev.sheaf.columnar.vector.Batch next() {
                        if (batches++ == 2) {
                          throw new SheafException(ErrorCode.DIVISION_BY_ZERO, "division by zero");
                        }
                        return FakeSql.column(SqlType.INTEGER, 1);
                      }
                    })));
    refused(
        FlightStatusCode.INVALID_ARGUMENT,
        "22012",
        () -> FrontFixture.rows(client, client.execute("SELECT 1/n")));
  }

  @Test
  void forgedHandlesNameNothing() throws Exception {
    server.engine.query("SELECT 1", List.of(new Field("n", SqlType.INTEGER, false)));
    server.engine.update("INSERT", 1);
    FlightInfo info = client.execute("SELECT 1");
    byte[] ticket = info.getEndpoints().getFirst().getTicket().getBytes();
    byte[] handle =
        Any.parseFrom(ticket).unpack(TicketStatementQuery.class).getStatementHandle().toByteArray();
    List<byte[]> forged = new ArrayList<>(List.of(new byte[0], new byte[42], new byte[1000]));
    for (int bit = 0; bit < handle.length * 8; bit += 3) {
      byte[] changed = handle.clone();
      changed[bit >>> 3] ^= (byte) (1 << (bit & 7));
      forged.add(changed);
    }
    for (byte[] wrong : forged) {
      refused(
          FlightStatusCode.NOT_FOUND,
          "26000",
          () -> fetch(ticket(TicketStatementQuery.newBuilder().setStatementHandle(bytes(wrong)))));
    }
    // A ticket is no prepared statement, though it is sealed by the same key.
    refused(
        FlightStatusCode.NOT_FOUND,
        "26000",
        () ->
            fetch(
                ticket(
                    CommandPreparedStatementQuery.newBuilder()
                        .setPreparedStatementHandle(bytes(handle)))));
    refused(
        FlightStatusCode.NOT_FOUND,
        "26000",
        () ->
            act(
                "ClosePreparedStatement",
                Any.pack(
                        ActionClosePreparedStatementRequest.newBuilder()
                            .setPreparedStatementHandle(bytes(handle))
                            .build())
                    .toByteArray()));
    assertThat(FrontFixture.rows(client, info)).isEmpty();
  }

  @Test
  void garbageIsAnsweredAndForgotten() throws Exception {
    Random random = new Random(SEED);
    try (FlightClient raw = server.rawClient()) {
      for (int i = 0; i < 300; i++) {
        byte[] garbage = new byte[random.nextInt(80)];
        random.nextBytes(garbage);
        byte[] wrapped =
            random.nextBoolean()
                ? garbage
                : Any.newBuilder()
                    .setTypeUrl("type.googleapis.com/arrow.flight.protocol.sql." + name(random))
                    .setValue(ByteString.copyFrom(garbage))
                    .build()
                    .toByteArray();
        String seed = "-Dsheaf.seed=" + SEED + ", round " + i;
        expectRefusal(seed, () -> raw.getInfo(FlightDescriptor.command(wrapped)));
        expectRefusal(seed, () -> raw.getSchema(FlightDescriptor.command(wrapped)));
        expectRefusal(
            seed,
            () -> {
              try (FlightStream stream = raw.getStream(new Ticket(wrapped))) {
                while (stream.next()) {
                  // some garbage is a good metadata command
                }
              }
            });
        expectRefusal(
            seed,
            () ->
                raw.doAction(new Action("CreatePreparedStatement", wrapped))
                    .forEachRemaining(r -> {}));
        expectRefusal(seed, () -> put(raw, wrapped));
      }
    }
    refused(FlightStatusCode.UNIMPLEMENTED, "0A000", () -> act("NoSuchAction", new byte[0]));
    byte[] savepoint = Any.pack(ActionBeginSavepointRequest.getDefaultInstance()).toByteArray();
    refused(FlightStatusCode.UNIMPLEMENTED, "0A000", () -> act("BeginSavepoint", savepoint));
  }

  private static String name(Random random) {
    String[] names = {
      "CommandStatementQuery",
      "TicketStatementQuery",
      "CommandGetTables",
      "CommandGetSqlInfo",
      "CommandPreparedStatementQuery",
      "CommandStatementIngest",
      "CommandStatementUpdate",
      "CommandStatementSubstraitPlan",
      "CommandPreparedStatementUpdate",
      "Nonsense"
    };
    return names[random.nextInt(names.length)];
  }

  private void put(FlightClient raw, byte[] command) {
    try (var vector = new BigIntVector("n", server.clientMemory);
        var root = VectorSchemaRoot.of(vector)) {
      var listener = new AsyncPutListener();
      var writer = raw.startPut(FlightDescriptor.command(command), root, listener);
      writer.completed();
      listener.getResult();
    }
  }

  private static void expectRefusal(String seed, Runnable call) {
    try {
      call.run();
    } catch (FlightRuntimeException e) {
      assertThat(e.status().code())
          .as(seed + ": " + e.getMessage())
          .isIn(
              FlightStatusCode.INVALID_ARGUMENT,
              FlightStatusCode.NOT_FOUND,
              FlightStatusCode.UNIMPLEMENTED);
    } catch (Exception e) {
      throw new AssertionError(seed, e);
    }
  }

  private interface Runnable {
    void run() throws Exception;
  }

  private void failing(String sql, RuntimeException error) {
    server.engine.scripts.put(
        sql,
        new FakeSql.Script(
            SqlSession.StatementKind.UPDATE,
            List.of(),
            List.of(),
            run -> {
              throw error;
            }));
  }

  private void act(String type, byte[] body) throws Exception {
    try (FlightClient raw = server.rawClient()) {
      raw.doAction(new Action(type, body)).forEachRemaining(result -> {});
    }
  }

  private void fetch(byte[] ticket) throws Exception {
    try (FlightStream stream = client.getStream(new Ticket(ticket))) {
      stream.next();
    }
  }

  private static byte[] ticket(com.google.protobuf.Message.Builder message) {
    return Any.pack(message.build()).toByteArray();
  }

  private static ByteString bytes(byte[] bytes) {
    return ByteString.copyFrom(bytes);
  }
}
