package dev.sheaf.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.cli.client.Endpoint;
import dev.sheaf.cli.client.RestClient;
import dev.sheaf.cli.client.RowTexts;
import dev.sheaf.cli.client.SqlClient;
import dev.sheaf.cli.client.SqlException;
import dev.sheaf.cli.cluster.ClusterOptions;
import dev.sheaf.cli.cluster.ClusterStatus;
import dev.sheaf.cli.cluster.LocalCluster;
import dev.sheaf.cli.error.CliException;
import dev.sheaf.cli.process.ServerAddresses;
import dev.sheaf.cli.process.ServerProcess;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.rpc.grpc.ClusterTransport;
import dev.sheaf.rpc.log.grpc.RemoteSafekeeper;
import dev.sheaf.testkit.etcd.EtcdCluster;
import dev.sheaf.testkit.tls.TestCertificates;
import dev.sheaf.testkit.tls.TestCertificates.Issued;
import io.grpc.ManagedChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A cluster of processes that use TLS for everything they can: among one another, with etcd and
 * with SQL clients, as docs/operations.md says.
 */
final class SecuredClusterTest {
  private static final PrintStream SILENT =
      new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
  private static final long START_SECONDS = 90;
  private static final String DATABASE = "shop";

  @TempDir Path folder;

  @Test
  void servesByTlsAndLetsNoStrangerIn() throws Exception {
    var ours = TestCertificates.in(Files.createDirectory(folder.resolve("ours")));
    var theirs = TestCertificates.in(Files.createDirectory(folder.resolve("theirs")));
    Issued here = ours.issue("here");
    try (EtcdCluster etcd =
        EtcdCluster.startSecured(
            folder.resolve("etcd"), here.certificate(), here.key(), ours.authority())) {
      LocalCluster cluster = plan(etcd, settings(ours, here));
      try {
        cluster.start(SILENT);
        assertThat(status(cluster)).contains("pageserver-1", "safekeeper-3").doesNotContain("down");

        var rest = new RestClient("127.0.0.1", cluster.state().http());
        String url = rest.createDatabase(DATABASE).at("/connection_uris/jdbc").asText();
        assertThat(url).contains("useEncryption=true");
        assertServes(trusting(url, ours));
        assertThatThrownBy(() -> connect(url)).isInstanceOf(SQLException.class);
        assertThatThrownBy(() -> connect(url.replace("useEncryption=true", "useEncryption=false")))
            .isInstanceOf(SQLException.class);

        assertShellConnects(cluster, ours);

        assertRefusesPlainText(cluster, "safekeeper-1");
        assertStrangerGetsNothing(cluster, ours, theirs);
        assertThat(numbers(trusting(url, ours))).isEqualTo(3);
      } finally {
        cluster.stop();
      }
      assertThat(cluster.state().nodes()).allMatch(node -> cluster.health(node).equals("down"));
    }
  }

  private LocalCluster plan(EtcdCluster etcd, List<String> settings) {
    Path root = Path.of("..").toAbsolutePath().normalize();
    System.setProperty("sheaf.home", root.toString());
    System.setProperty(
        "sheaf.server.jar",
        root.resolve("deploy/server/target/quarkus-app/quarkus-run.jar").toString());
    List<String> endpoints = etcd.endpoints().stream().map(URI::toString).toList();
    return LocalCluster.create(
        new ClusterOptions(
            folder.resolve("cluster"), 0, 0, 3, 1, 1, 1, endpoints, 1, null, settings));
  }

  private static List<String> settings(TestCertificates authority, Issued issued) {
    var settings = new ArrayList<>(rpcSettings(authority, issued));
    settings.add("sheaf.etcd.tls-authority=" + authority.authority());
    settings.add("sheaf.etcd.tls-server-name=localhost");
    settings.add("sheaf.etcd.tls-certificate=" + issued.certificate());
    settings.add("sheaf.etcd.tls-key=" + issued.key());
    settings.add("sheaf.flight.tls-certificate=" + issued.certificate());
    settings.add("sheaf.flight.tls-key=" + issued.key());
    return settings;
  }

  private static List<String> rpcSettings(TestCertificates authority, Issued issued) {
    return List.of(
        "sheaf.rpc.tls-certificate=" + issued.certificate(),
        "sheaf.rpc.tls-key=" + issued.key(),
        "sheaf.rpc.tls-authority=" + authority.authority());
  }

  private static String status(LocalCluster cluster) {
    var out = new ByteArrayOutputStream();
    assertThat(ClusterStatus.print(cluster, new PrintStream(out, true, StandardCharsets.UTF_8)))
        .isTrue();
    return out.toString(StandardCharsets.UTF_8);
  }

  private static String trusting(String url, TestCertificates authority) {
    return url
        + "&useSystemTrustStore=false&trustStore="
        + authority.trustStore()
        + "&trustStorePassword="
        + TestCertificates.PASSWORD;
  }

  private static Connection connect(String url) throws SQLException {
    return DriverManager.getConnection(url + "&user=tester&password=secret");
  }

  private static void assertServes(String url) throws SQLException {
    try (Connection connection = connect(url);
        Statement statement = connection.createStatement()) {
      statement.executeUpdate("CREATE TABLE t (n INT PRIMARY KEY)");
      assertThat(statement.executeUpdate("INSERT INTO t VALUES (1), (2), (3)")).isEqualTo(3);
    }
    assertThat(numbers(url)).isEqualTo(3);
  }

  private static int numbers(String url) throws SQLException {
    try (Connection connection = connect(url);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT count(*) FROM t")) {
      assertThat(rows.next()).isTrue();
      return rows.getInt(1);
    }
  }

  /** As {@code ./sheaf sql --ca FILE} does. */
  private static void assertShellConnects(LocalCluster cluster, TestCertificates authority) {
    String[] address = cluster.state().flight().getFirst().split(":", -1);
    Endpoint plain = Endpoint.plain(address[0], Integer.parseInt(address[1]), DATABASE);
    var rows = new ArrayList<String[]>();
    try (SqlClient client =
        SqlClient.connect(trusting(plain, Optional.of(authority.authority())))) {
      client.execute("SELECT count(*) FROM t", new RowTexts(rows));
    }
    assertThat(rows).containsExactly(new String[] {"3"});
    assertThatThrownBy(() -> SqlClient.connect(plain)).isInstanceOf(SqlException.class);
    assertThatThrownBy(() -> SqlClient.connect(trusting(plain, Optional.empty())))
        .isInstanceOf(SqlException.class);
    assertThatThrownBy(
            () -> SqlClient.connect(trusting(plain, Optional.of(Path.of("no", "such", "file")))))
        .isInstanceOf(CliException.class);
  }

  private static Endpoint trusting(Endpoint plain, Optional<Path> authority) {
    return new Endpoint(
        plain.host(),
        plain.port(),
        plain.database(),
        plain.user(),
        plain.password(),
        Optional.of(new Endpoint.Tls(authority)));
  }

  private static void assertRefusesPlainText(LocalCluster cluster, String safekeeper) {
    String[] address = address(cluster, safekeeper, "rpc").split(":", -1);
    ManagedChannel channel =
        ClusterTransport.channel(address[0], Integer.parseInt(address[1])).usePlaintext().build();
    try {
      var deadline = Deadline.after(System.nanoTime(), 10_000);
      assertThatThrownBy(() ->
              new RemoteSafekeeper(channel, System::nanoTime)
                  .incarnation(deadline)
                  .get(15, TimeUnit.SECONDS))
          .hasMessageContaining("cannot be reached");
    } finally {
      channel.shutdownNow();
    }
  }

  private static String address(LocalCluster cluster, String node, String purpose) {
    return cluster.node(node).addresses().stream()
        .filter(address -> address.startsWith(purpose + " "))
        .map(address -> address.substring(purpose.length() + 1))
        .findFirst()
        .orElseThrow();
  }

  /** A compute like ours but for its certificate, which another authority has signed. */
  private void assertStrangerGetsNothing(
      LocalCluster cluster, TestCertificates ours, TestCertificates theirs) throws Exception {
    var settings = new ArrayList<>(rpcSettings(ours, theirs.issue("stranger")));
    settings.add("sheaf.node=stranger");
    settings.add("sheaf.data=" + folder.resolve("stranger"));
    settings.add("sheaf.http.port=0");
    settings.add("sheaf.rpc.port=0");
    settings.add("sheaf.flight.port=0");
    var command = new ArrayList<>(cluster.node("compute-1").command());
    // The last of two settings of one name counts.
    command.addAll(
        command.indexOf("-jar"), settings.stream().map(setting -> "-D" + setting).toList());
    var builder = new ProcessBuilder(command).redirectError(log("stranger.log"));
    builder.environment().put("SHEAF_S3_ACCESS_KEY", "sheaf-local");
    builder.environment().put("SHEAF_S3_SECRET_KEY", "sheaf-local-secret");
    try (ServerProcess stranger = ServerProcess.start(builder, SILENT)) {
      ServerAddresses addresses = stranger.awaitReady(START_SECONDS);
      String url =
          trusting(
              "jdbc:arrow-flight-sql://127.0.0.1:%d/?useEncryption=true&database=%s"
                  .formatted(addresses.flightPort(), DATABASE),
              ours);
      try (Connection connection = connect(url);
          Statement statement = connection.createStatement()) {
        statement.execute("SET statement_timeout_ms = 3000");
        assertThatThrownBy(() -> statement.executeQuery("SELECT count(*) FROM t"))
            .isInstanceOf(SQLException.class)
            .hasMessageContaining("pageserver-1");
      }
    }
  }

  private ProcessBuilder.Redirect log(String name) throws IOException {
    return ProcessBuilder.Redirect.to(folder.resolve(name).toFile());
  }
}
