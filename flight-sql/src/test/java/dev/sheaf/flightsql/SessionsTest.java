package dev.sheaf.flightsql;

import static dev.sheaf.flightsql.FrontFixture.header;
import static dev.sheaf.flightsql.FrontFixture.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.flightsql.session.PasswordUsers;
import dev.sheaf.flightsql.session.SessionLimits;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.flight.CloseSessionRequest;
import org.apache.arrow.flight.CloseSessionResult;
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightStatusCode;
import org.apache.arrow.flight.GetSessionOptionsRequest;
import org.apache.arrow.flight.SessionOptionValue;
import org.apache.arrow.flight.SessionOptionValueFactory;
import org.apache.arrow.flight.SetSessionOptionsRequest;
import org.apache.arrow.flight.SetSessionOptionsResult;
import org.apache.arrow.flight.SetSessionOptionsResult.ErrorValue;
import org.apache.arrow.flight.auth2.BasicAuthCredentialWriter;
import org.apache.arrow.flight.grpc.CredentialCallOption;
import org.apache.arrow.flight.sql.FlightSqlClient;
import org.apache.arrow.flight.sql.FlightSqlClient.PreparedStatement;
import org.apache.arrow.flight.sql.FlightSqlClient.Transaction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who is let in, what a session keeps, and what happens when it is gone. */
@Timeout(60)
class SessionsTest {

  @Test
  void aSessionByCookieKeepsItsTransaction() throws Exception {
    try (var server = new FrontFixture()) {
      server.engine.update("INSERT", 1);
      FlightSqlClient one = server.client();
      FlightSqlClient other = server.client();
      one.executeUpdate("BEGIN");
      one.executeUpdate("INSERT");
      other.executeUpdate("INSERT");
      one.executeUpdate("COMMIT");
      assertThat(server.engine.openSessions).hasValue(2);
      assertThat(server.front.sessionCount()).isEqualTo(2);
      assertThat(one.closeSession(new CloseSessionRequest()).getStatus())
          .isEqualTo(CloseSessionResult.Status.CLOSED);
      assertThat(server.engine.openSessions).hasValue(1);
    }
  }

  @Test
  void aServerThatStopsLetsTransactionsEnd() throws Exception {
    try (var server = new FrontFixture()) {
      server.engine.update("INSERT", 1);
      FlightSqlClient one = server.client();
      FlightSqlClient other = server.client();
      one.executeUpdate("BEGIN");
      assertThat(other.executeUpdate("INSERT")).isEqualTo(1);
      Thread stop = Thread.ofVirtual().start(server.front::close);
      assertThatThrownBy(
              () -> {
                while (stop.isAlive()) {
                  other.executeUpdate("INSERT");
                }
              })
          .hasMessageContaining("[57P01]");
      assertThat(one.executeUpdate("INSERT")).isEqualTo(1);
      one.executeUpdate("COMMIT");
      assertThat(stop.join(Duration.ofSeconds(8))).as("it need not wait any longer").isTrue();
    }
  }

  @Test
  void aForgetfulClientFindsBackByItsHandles() throws Exception {
    try (var server = new FrontFixture()) {
      server.engine.query(
          "SELECT 1",
          List.of(new Field("n", SqlType.INTEGER, false)),
          FakeSql.column(SqlType.INTEGER, 1));
      server.engine.update("INSERT", 1);
      FlightSqlClient client = server.forgetfulClient();
      assertThat(FrontFixture.rows(client, client.execute("SELECT 1"))).hasSize(1);
      Transaction transaction = client.beginTransaction();
      try (PreparedStatement prepared = client.prepare("INSERT", transaction)) {
        assertThat(prepared.executeUpdate()).isEqualTo(1);
      }
      client.executeUpdate("INSERT", transaction);
      client.commit(transaction);
      assertThat(server.engine.runs)
          .filteredOn(run -> run.sql().equals("INSERT"))
          .extracting(FakeSql.Run::transaction)
          .containsExactly("tx1", "tx1");
      assertThat(server.engine.ended).containsExactly("commit tx1");
      refused(FlightStatusCode.INVALID_ARGUMENT, "25P01", () -> client.commit(transaction));
      refused(
          FlightStatusCode.INVALID_ARGUMENT, "25P01", () -> client.execute("INSERT", transaction));
    }
  }

  @Test
  void handlesOfAnotherSessionAreUnknown() throws Exception {
    try (var server = new FrontFixture()) {
      server.engine.query("SELECT 1", List.of(new Field("n", SqlType.INTEGER, false)));
      FlightSqlClient owner = server.client();
      FlightSqlClient thief = server.client();
      FlightInfo info = owner.execute("SELECT 1");
      FlightInfo unused = thief.execute("SELECT 1");
      refused(FlightStatusCode.NOT_FOUND, "26000", () -> FrontFixture.rows(thief, info));
      Transaction transaction = owner.beginTransaction();
      refused(FlightStatusCode.INVALID_ARGUMENT, "25P01", () -> thief.execute("x", transaction));
      owner.rollback(transaction);
      assertThat(unused.getSchema().getFields()).hasSize(1);
    }
  }

  @Test
  void basicCredentialsBecomeATokenThatNamesTheSession() throws Exception {
    var users = new PasswordUsers(Map.of("ada", "secret"), new SecureRandom());
    try (var server = new FrontFixture(FrontConfig.defaults(), users);
        FlightClient raw = server.rawClient()) {
      server.engine.update("INSERT", 1);
      var client = new FlightSqlClient(raw);
      CredentialCallOption token = raw.authenticateBasicToken("ada", "secret").orElseThrow();
      client.executeUpdate("BEGIN", token);
      client.executeUpdate("INSERT", token);
      assertThat(server.engine.runs).extracting(FakeSql.Run::user).containsOnly("ada");
      assertThat(server.engine.openSessions).hasValue(1);

      refused(FlightStatusCode.UNAUTHENTICATED, "28000", () -> client.execute("INSERT"));
      refused(
          FlightStatusCode.UNAUTHENTICATED,
          "28P01",
          () ->
              client.execute(
                  "INSERT",
                  new CredentialCallOption(new BasicAuthCredentialWriter("ada", "wrong"))));
      refused(
          FlightStatusCode.UNAUTHENTICATED,
          "28P01",
          () ->
              client.execute(
                  "INSERT", new CredentialCallOption(new BasicAuthCredentialWriter("eve", ""))));
      for (String bad : List.of("Bearer x.y", "Bearer", "Basic %%", "Digest q", "Basic YQ==")) {
        refused(
            FlightStatusCode.UNAUTHENTICATED,
            "28000",
            () -> client.execute("INSERT", header("authorization", bad)));
      }
      assertThat(server.engine.runs).hasSize(2);
    }
  }

  @Test
  void aForgedCookieStartsANewSession() throws Exception {
    try (var server = new FrontFixture()) {
      server.engine.update("INSERT", 1);
      FlightSqlClient client = server.forgetfulClient();
      client.executeUpdate("INSERT", header("cookie", "arrow_flight_session_id=Zm9v.YmFy"));
      client.executeUpdate("INSERT", header("cookie", "arrow_flight_session_id"));
      assertThat(server.engine.runs).hasSize(2);
    }
  }

  @Test
  void trustStaysOnLoopback() {
    assertThatThrownBy(
            () -> {
              try (var server = new FrontFixture()) {
                server.front.start("0.0.0.0", 0);
              }
            })
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("no users are configured");
  }

  @Test
  void theDatabaseIsChosenByHeaderThenOptionThenAlone() throws Exception {
    try (var server = new FrontFixture()) {
      server.engine.update("INSERT", 1);
      FlightSqlClient client = server.client();
      client.executeUpdate("INSERT");
      server.engine.databases.add("test");
      FlightSqlClient second = server.client();
      refused(FlightStatusCode.NOT_FOUND, "3D000", () -> second.executeUpdate("INSERT"));
      assertThatThrownBy(() -> second.executeUpdate("INSERT"))
          .hasMessageContaining("shop, test")
          .hasMessageContaining("HINT: ");
      second.executeUpdate("INSERT", header("database", "test"));
      assertThat(setOption(second, "catalog", "shop").getErrors()).isEmpty();
      second.executeUpdate("INSERT");
      second.executeUpdate("INSERT", header("database", "test"));
      refused(
          FlightStatusCode.NOT_FOUND,
          "3D000",
          () -> second.executeUpdate("INSERT", header("database", "none")));
      assertThat(server.engine.runs)
          .extracting(FakeSql.Run::database)
          .containsExactly("shop", "test", "shop", "test");
    }
  }

  @Test
  void optionsAreSetAndShownPerSession() throws Exception {
    try (var server = new FrontFixture()) {
      FlightSqlClient client = server.client();
      assertThat(options(client)).isEmpty();
      assertThat(server.front.sessionCount()).isZero();
      assertThat(setOption(client, "timezone", "Europe/Berlin").getErrors()).isEmpty();
      assertThat(setOption(client, "schema", "sales").getErrors()).isEmpty();
      assertThat(setOption(client, "colour", "blue").getErrors().get("colour").value)
          .isEqualTo(ErrorValue.INVALID_NAME);
      assertThat(setOption(client, "timezone", "wrong").getErrors().get("timezone").value)
          .isEqualTo(ErrorValue.INVALID_VALUE);
      assertThat(setOption(client, "catalog", "none").getErrors().get("catalog").value)
          .isEqualTo(ErrorValue.INVALID_VALUE);
      assertThat(options(client)).containsOnlyKeys("timezone", "schema");
      assertThat(setOption(client, "timezone", "").getErrors()).isEmpty();
      assertThat(options(client)).containsOnlyKeys("schema");
      assertThat(options(server.client())).isEmpty();
    }
  }

  @Test
  void idleTransactionsAreRolledBackAndSaidSo() throws Exception {
    try (var server = new FrontFixture()) {
      server.engine.update("INSERT", 1);
      FlightSqlClient byText = server.client();
      byText.executeUpdate("BEGIN");
      FlightSqlClient byHandle = server.client();
      Transaction used = byHandle.beginTransaction();
      Transaction unused = byHandle.beginTransaction();
      byHandle.executeUpdate("INSERT", used);
      server.skippedNanos.addAndGet(TimeUnit.MINUTES.toNanos(6));
      FrontFixture.eventually(() -> server.engine.ended.contains("rollback tx1"));
      refused(
          FlightStatusCode.INVALID_ARGUMENT, "25P03", () -> byHandle.executeUpdate("INSERT", used));
      assertThat(byHandle.executeUpdate("INSERT", unused)).isEqualTo(1);
      FrontFixture.eventually(() -> server.front.sessionCount() == 1);
      refused(FlightStatusCode.INVALID_ARGUMENT, "25P03", () -> byText.executeUpdate("INSERT"));
      assertThat(byText.executeUpdate("INSERT")).isEqualTo(1);
    }
  }

  @Test
  void whatASessionMayHoldIsBounded() throws Exception {
    var limits =
        new SessionLimits(
            3, Duration.ofMinutes(30), Duration.ofMinutes(5), 2, 2, 1, 4, Duration.ofSeconds(5));
    try (var server =
        new FrontFixture(
            FrontConfig.defaults().withSessions(limits),
            new dev.sheaf.flightsql.session.TrustEverybody())) {
      server.engine.update("INSERT", 1);
      server.engine.query("SELECT 1", List.of(new Field("n", SqlType.INTEGER, false)));
      FlightSqlClient client = server.client();
      PreparedStatement used = client.prepare("INSERT");
      PreparedStatement forgotten = client.prepare("INSERT");
      used.executeUpdate();
      client.prepare("INSERT");
      assertThat(used.executeUpdate()).isEqualTo(1);
      refused(FlightStatusCode.NOT_FOUND, "26000", forgotten::executeUpdate);
      Transaction open = client.beginTransaction();
      refused(FlightStatusCode.RESOURCE_EXHAUSTED, "53400", client::beginTransaction);
      client.rollback(open);
      FlightInfo oldest = client.execute("SELECT 1");
      FlightInfo newer = client.execute("SELECT 1");
      FlightInfo newest = client.execute("SELECT 1");
      refused(FlightStatusCode.NOT_FOUND, "26000", () -> FrontFixture.rows(client, oldest));
      assertThat(FrontFixture.rows(client, newer)).isEmpty();
      assertThat(FrontFixture.rows(client, newest)).isEmpty();

      FlightSqlClient second = server.client();
      FlightSqlClient third = server.client();
      for (FlightSqlClient claimed : List.of(second, third)) {
        claimed.executeUpdate("INSERT");
        claimed.executeUpdate("INSERT");
      }
      refused(
          FlightStatusCode.RESOURCE_EXHAUSTED,
          "53300",
          () -> server.client().executeUpdate("INSERT"));
    }
  }

  @Test
  void sessionsThatNobodyClaimsGiveWay() throws Exception {
    var limits =
        new SessionLimits(
            3, Duration.ofMinutes(30), Duration.ofMinutes(5), 2, 2, 1, 4, Duration.ofSeconds(5));
    try (var server =
        new FrontFixture(
            FrontConfig.defaults().withSessions(limits),
            new dev.sheaf.flightsql.session.TrustEverybody())) {
      server.engine.update("INSERT", 1);
      FlightSqlClient client = server.forgetfulClient();
      for (int i = 0; i < 10; i++) {
        client.executeUpdate("INSERT");
      }
      assertThat(server.front.sessionCount()).isEqualTo(3);
    }
  }

  private static SetSessionOptionsResult setOption(
      FlightSqlClient client, String name, String value) {
    return client.setSessionOptions(
        new SetSessionOptionsRequest(
            Map.of(name, SessionOptionValueFactory.makeSessionOptionValue(value))));
  }

  private static Map<String, SessionOptionValue> options(FlightSqlClient client) {
    return client.getSessionOptions(new GetSessionOptionsRequest()).getSessionOptions();
  }
}
