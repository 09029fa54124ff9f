package dev.sheaf.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A session of sqlline, a JDBC shell that Sheaf knows nothing of, as a process of its own. */
final class SqllineTest {
  @TempDir Path folder;

  @Test
  void runsASession() throws Exception {
    try (SheafServer server = SheafServer.throwAway()) {
      server.createDatabase("lines");
      String output =
          run(
              server,
              """
              CREATE TABLE city (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL, people BIGINT);
              INSERT INTO city VALUES (1, 'Bern', 134000), (2, 'Basel', 173000), (3, 'Chur', NULL);
              SELECT name, people FROM city WHERE people > 150000;
              UPDATE city SET people = 40000 WHERE id = 3;
              SELECT sum(people) AS total FROM city;
              !tables
              !metadata getColumns lines public city %
              !metadata getPrimaryKeys lines public city
              SELECT nme FROM city;
              INSERT INTO city VALUES (1, 'again', 0);
              DROP TABLE city;
              """);
      assertThat(output)
          .contains("3 rows affected")
          .contains("'Basel','173000'")
          .contains("1 row affected")
          .contains("'347000'")
          .contains("'lines','public','city'")
          .contains("'people'")
          .contains("'city_pkey'")
          .contains("[42703]")
          .contains("[23505]");
    }
  }

  private String run(SheafServer server, String script) throws IOException, InterruptedException {
    Path file = Files.writeString(folder.resolve("session.sql"), script);
    Path output = folder.resolve("output.txt");
    Process sqlline =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--add-opens=java.base/java.nio=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "sqlline.SqlLine",
                    "-u",
                    server.jdbcUrl("lines"),
                    "-n",
                    "tester",
                    "-p",
                    "secret",
                    "-f",
                    file.toString(),
                    "--outputFormat=csv",
                    "--force=true"))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(sqlline.waitFor(120, TimeUnit.SECONDS)).as("sqlline ends").isTrue();
    } finally {
      sqlline.destroyForcibly();
    }
    return Files.readString(output, StandardCharsets.UTF_8);
  }
}
