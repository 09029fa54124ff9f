package dev.sheaf.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.Main;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code admin check --data}: what a data folder holds is looked through without a server. */
final class StoppedCheckTest {
  private static final int ROWS = 5_000;
  private static final long WAIT_SECONDS = 120;

  @TempDir Path temp;
  private Path data;
  private final Path server =
      Path.of("..", "deploy", "server", "target", "quarkus-app", "quarkus-run.jar");

  private record Answer(int exitCode, String text) {}

  private void fill() throws SQLException, IOException, InterruptedException {
    data = temp.resolve("data");
    try (SheafServer server = SheafServer.on(data, "512m")) {
      server.createDatabase("shop");
      run(
          server,
          "shop",
          "CREATE TABLE t (id BIGINT PRIMARY KEY, v VARCHAR)",
          "INSERT INTO t (id, v) VALUES "
              + IntStream.rangeClosed(1, ROWS)
                  .mapToObj(n -> "(" + n + ", 'value " + n * 7919L % 10_007 + "')")
                  .collect(Collectors.joining(", ")));
      server.rest().createBranch("shop", "dev", Optional.empty());
      run(server, "shop", "DELETE FROM t WHERE id <= 10");
      run(server, "shop@dev", "UPDATE t SET v = 'new' WHERE id > 4990");

      Answer refused = check("shop");
      assertThat(refused.exitCode()).as("%s", refused).isEqualTo(3);
      assertThat(refused.text()).contains("is in use by process " + server.pid());
    }
  }

  private static void run(SheafServer server, String database, String... statements)
      throws SQLException {
    try (Connection connection = server.connect(database);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.executeUpdate(sql);
      }
    }
  }

  /** The command line in a process of its own, as {@code ./sheaf} runs it. */
  private Answer check(String database) throws IOException, InterruptedException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            "-Dsheaf.server.jar=" + server.toAbsolutePath().normalize(),
            Main.class.getName(),
            "admin",
            "check",
            database,
            "--data",
            data.toString(),
            "--memory",
            "512m");
    Path output = Files.createTempFile(temp, "check", ".txt");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    return new Answer(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
  }

  /** Every file and folder, when it was changed and what it holds. */
  private Map<String, String> picture() throws IOException, NoSuchAlgorithmException {
    var picture = new TreeMap<String, String>();
    try (Stream<Path> all = Files.walk(data)) {
      for (Path path : all.toList()) {
        String content =
            Files.isDirectory(path)
                ? ""
                : HexFormat.of()
                    .formatHex(
                        MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(path)));
        picture.put(
            data.relativize(path).toString(), Files.getLastModifiedTime(path) + " " + content);
      }
    }
    return picture;
  }

  @Test
  void whatIsSoundIsSaidToBeAndWhatIsNotIsFound() throws Exception {
    fill();
    soundAndUnchanged();
    // A server starts on it as if nothing had been.
    try (SheafServer server = SheafServer.on(data, "512m")) {
      run(server, "shop@dev", "INSERT INTO t (id, v) VALUES (0, 'here')");
    }
    flippedBitOfASegment();
  }

  private void soundAndUnchanged() throws Exception {
    Map<String, String> before = picture();
    for (String database : List.of("shop", "shop@dev")) {
      Answer answer = check(database);
      assertThat(answer.text()).containsPattern("looked at [1-9]\\d* manifests, [1-9]\\d* objects");
      assertThat(answer.text()).contains("all is sound").doesNotContain("error", "WARN");
      assertThat(answer.exitCode()).isZero();
    }
    Answer unknown = check("shop@nothing");
    assertThat(unknown.text()).contains("database \"shop@nothing\" does not exist");
    assertThat(unknown.exitCode()).isEqualTo(1);
    assertThat(picture()).isEqualTo(before);
  }

  /** Of the database, which its branch shares. */
  private void flippedBitOfASegment() throws Exception {
    Path segment;
    try (Stream<Path> all = Files.walk(data.resolve("objects"))) {
      segment =
          all.filter(path -> path.getParent().endsWith("segments"))
              .max(Comparator.comparingLong(path -> path.toFile().length()))
              .orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(segment);
    bytes[bytes.length / 3] ^= 4;
    Files.write(segment, bytes);
    String key = data.resolve("objects").relativize(segment).toString();
    for (String database : List.of("shop", "shop@dev")) {
      Answer answer = check(database);
      assertThat(answer.text()).contains(key + ": ").contains("finding");
      assertThat(answer.exitCode()).as(answer.text()).isEqualTo(1);
    }
  }

  @Test
  void whatIsNoDataFolderIsRefused() throws Exception {
    data = Files.createDirectory(temp.resolve("none"));
    Answer answer = check("shop");
    assertThat(answer.text()).contains("is not a data folder of Sheaf");
    assertThat(answer.exitCode()).isEqualTo(3);
    assertThat(data).isEmptyDirectory();
  }
}
