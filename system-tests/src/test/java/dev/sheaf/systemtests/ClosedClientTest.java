package dev.sheaf.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.client.RowTexts;
import dev.sheaf.cli.client.SqlClient;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/** What a client leaves behind when it goes: nothing. */
final class ClosedClientTest {
  @Test
  void endsItsSession() throws Exception {
    try (SheafServer server = SheafServer.throwAway()) {
      server.createDatabase("left");
      try (SqlClient client = server.client("left")) {
        for (String sql :
            new String[] {"CREATE TABLE t (a INT)", "BEGIN", "INSERT INTO t VALUES (1)"}) {
          client.execute(sql, new RowTexts(new ArrayList<>()));
        }
        assertThat(metric(server, "sheaf_sessions")).isEqualTo(1);
      }
      assertThat(metric(server, "sheaf_sessions")).isZero();
      assertThat(metric(server, "sheaf_transactions_rolledback_total")).isEqualTo(1);

      SqlClient late = server.client("left");
      late.execute("SELECT a FROM t", new RowTexts(new ArrayList<>()));
      server.kill();
      late.close();
    }
  }

  private static double metric(SheafServer server, String name) throws IOException {
    var url =
        URI.create(
            "http://%s:%d/q/metrics".formatted(server.host(), server.addresses().httpPort()));
    try (InputStream answer = url.toURL().openStream()) {
      return new String(answer.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .sum();
    }
  }
}
