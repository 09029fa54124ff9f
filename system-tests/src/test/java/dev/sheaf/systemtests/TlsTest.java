package dev.sheaf.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.cli.process.ServerOptions;
import dev.sheaf.testkit.tls.TestCertificates;
import dev.sheaf.testkit.tls.TestCertificates.Issued;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The stock JDBC driver over TLS, as docs/operations.md says. */
final class TlsTest {
  @TempDir Path folder;

  @Test
  void theDriverConnectsByTlsOnly() throws Exception {
    var certificates = TestCertificates.in(folder);
    Issued issued = certificates.issue("server");
    var options =
        new ServerOptions(
            null,
            0,
            0,
            null,
            true,
            null,
            List.of(
                "sheaf.flight.tls-certificate=" + issued.certificate(),
                "sheaf.flight.tls-key=" + issued.key()));
    try (SheafServer server = SheafServer.with(options)) {
      String uri =
          server.rest().createDatabase("shop").at("/connection_uris/jdbc").asText()
              + "&user=tester&password=secret";
      assertThat(uri).contains("useEncryption=true");
      String trusting =
          uri
              + "&useSystemTrustStore=false&trustStore="
              + certificates.trustStore()
              + "&trustStorePassword="
              + TestCertificates.PASSWORD;
      try (Connection connection = DriverManager.getConnection(trusting);
          Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery("SELECT 6 * 7")) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getInt(1)).isEqualTo(42);
      }
      // An authority that nobody trusts; plain text.
      assertThatThrownBy(() -> DriverManager.getConnection(uri).close())
          .isInstanceOf(SQLException.class);
      assertThatThrownBy(() -> server.connect("shop").close()).isInstanceOf(SQLException.class);
    }
  }
}
