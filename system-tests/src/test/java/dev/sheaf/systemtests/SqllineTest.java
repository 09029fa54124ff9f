package dev.sheaf.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sqlline.SqlLine;

/** A session of sqlline, a JDBC shell that Sheaf knows nothing of. */
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
              !columns city
              !primarykeys city
              SELECT nme FROM city;
              INSERT INTO city VALUES (1, 'again', 0);
              DROP TABLE city;
              """);
      assertThat(output)
          .contains("3 rows affected")
          .contains("Basel")
          .contains("1 row affected")
          .contains("347000")
          .contains("city")
          .contains("people")
          .contains("[42703]")
          .contains("[23505]");
    }
  }

  private String run(SheafServer server, String script) throws IOException {
    SqlLine shell = new SqlLine();
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(output, true, StandardCharsets.UTF_8);
    shell.setOutputStream(stream);
    shell.setErrorStream(stream);
    String[] arguments = {
      "-u",
      server.jdbcUrl("lines"),
      "-n",
      "tester",
      "-p",
      "secret",
      "--silent=false",
      "--force=true"
    };
    shell.begin(
        arguments, new ByteArrayInputStream(script.getBytes(StandardCharsets.UTF_8)), false);
    return output.toString(StandardCharsets.UTF_8);
  }
}
