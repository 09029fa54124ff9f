package dev.sheaf.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.control.server.SqlAddress;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a process that has started says of itself, with clients to serve and without. */
final class AddressesTest {
  private static Addresses of(Optional<SqlAddress> sql) {
    return new Addresses(sql, "0.0.0.0", 8080, Path.of("/data"), Optional.empty());
  }

  @Test
  void tellsClientsWhereToConnect() {
    Addresses addresses = of(Optional.of(new SqlAddress("db", 31337, false)));
    assertThat(addresses.block())
        .isEqualTo(
            """
            Sheaf is ready.
              Flight SQL  grpc+tcp://db:31337   (call header: database)
              JDBC        jdbc:arrow-flight-sql://db:31337/?useEncryption=false&database=DATABASE
              REST        http://127.0.0.1:8080/api/v2   (create: POST http://127.0.0.1:8080/api/v2/databases {"name": "..."})
              Console     http://127.0.0.1:8080/
              Metrics     http://127.0.0.1:8080/q/metrics
              Data        /data
            """);
    assertThat(addresses.readyLine())
        .startsWith(
            "SHEAF READY {\"flight_host\":\"db\",\"flight_port\":31337,"
                + "\"flight_sql\":\"grpc+tcp://db:31337\",\"http_port\":8080,");
  }

  @Test
  void saysNothingOfFlightSqlWhereThereIsNone() {
    Addresses addresses = of(Optional.empty());
    assertThat(addresses.block())
        .startsWith("Sheaf is ready.\n  REST        http://127.0.0.1:8080/api/v2 ")
        .doesNotContain("none", "JDBC");
    assertThat(addresses.readyLine())
        .startsWith("SHEAF READY {\"http_port\":8080,\"rest\":\"http://127.0.0.1:8080/api/v2\",");
  }
}
