package dev.sheaf.compute.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CopyTest {
  @TempDir private Path directory;
  private SqlScript script;

  @BeforeEach
  void open() throws IOException {
    Path imports = Files.createDirectory(directory.resolve("imports"));
    script = new SqlScript(SqlScript.config().withImportDirectory(imports));
    script.run(
        """
        a: CREATE TABLE t (id INT PRIMARY KEY, s TEXT, d DECIMAL(10,2), at TIMESTAMP, b BYTEA, x DOUBLE PRECISION, o BOOLEAN) => ok
        a: CREATE TABLE p (id INT PRIMARY KEY, s TEXT) => ok
        """);
  }

  @AfterEach
  void close() {
    script.close();
  }

  private Path write(String name, String content) throws IOException {
    return Files.writeString(directory.resolve("imports").resolve(name), content);
  }

  @Test
  void csvAndArrowFilesComeBackAsTheyWere() {
    script.run(
        """
        a: INSERT INTO t VALUES (1, 'plain', 1.50, '2024-02-29 12:34:56.789', '\\x00ff', 1e300, TRUE) => #1
        a: INSERT INTO t VALUES (2, 'a,"b" c', NULL, NULL, NULL, 'NaN', FALSE), (3, '', -0.01, NULL, '\\x', -0.1, NULL), (4, NULL, NULL, NULL, NULL, NULL, NULL) => #3
        a: COPY t TO 'out.csv' WITH (FORMAT CSV, HEADER) => #4
        a: COPY t TO 'out.arrow' WITH (FORMAT ARROW) => #4
        a: CREATE TABLE u (id INT PRIMARY KEY, s TEXT, d DECIMAL(10,2), at TIMESTAMP, b BYTEA, x DOUBLE PRECISION, o BOOLEAN) => ok
        a: CREATE TABLE w (id INT PRIMARY KEY, s TEXT, d DECIMAL(10,2), at TIMESTAMP, b BYTEA, x DOUBLE PRECISION, o BOOLEAN) => ok
        a: COPY u FROM 'out.csv' WITH (FORMAT CSV, HEADER) => #4
        a: COPY w FROM 'out.arrow' WITH (FORMAT ARROW) => #4
        a: SELECT count(*) FROM (SELECT * FROM t INTERSECT SELECT * FROM u INTERSECT SELECT * FROM w) z => 4
        a: SELECT s FROM u ORDER BY id => plain; a,"b" c; ; null
        a: COPY (SELECT id, s FROM t WHERE id > 1 ORDER BY id) TO STDOUT WITH (FORMAT CSV, DELIMITER ';', NULL 'nil') => 2;"a,""b"" c"; 3;; 4;nil
        """);
  }

  @Test
  void columnsDefaultsAndLongFiles() throws IOException {
    var lines = new StringBuilder("\uFEFFs|id\r\n");
    for (int i = 0; i < 10_000; i++) {
      lines.append("\"line\n").append(i).append("\"|").append(i).append("\r\n");
    }
    write("many.csv", lines.toString());
    script.run(
        """
        a: COPY p (s, id) FROM 'many.csv' WITH (FORMAT CSV, HEADER, DELIMITER '|') => #10000
        a: SELECT count(*), sum(id) FROM p => 10000|49995000
        a: COPY p (s, id) FROM 'many.csv' WITH (FORMAT CSV, HEADER, DELIMITER '|') => !23505
        """);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      textBlock =
          """
          1,a/2 ~ !22P04 line 2: missing data for column "s"
          1,a/2,b,c ~ !22P04 line 2: extra data
          1,"a/b/2,c ~ !22P04 line 1: unterminated
          1,"a/b"/x,c ~ !22P02 line 3, column "id"
          1,a/99999999999,c ~ !22003 line 2
          1,a/,c ~ !23502
          1,a/1,c ~ !23505
          1,a/2,c\\0 ~ !22021 line 2
          """)
  void badFilesLeaveNoRow(String content, String expected) throws IOException {
    write("bad.csv", content.replace('/', '\n').replace("\\0", "\0"));
    script.run(
        """
        a: COPY p FROM 'bad.csv' WITH (FORMAT CSV) => %s
        a: SELECT count(*) FROM p => 0
        """
            .formatted(expected));
  }

  @Test
  void onlyFilesBelowTheImportDirectoryAreTouched() throws IOException {
    Path outside = Files.writeString(directory.resolve("outside.csv"), "1,a\n");
    Files.createSymbolicLink(directory.resolve("imports/link.csv"), outside);
    Files.createSymbolicLink(directory.resolve("imports/out"), directory);
    Files.write(directory.resolve("imports/latin.csv"), new byte[] {'1', ',', (byte) 0xE9});
    Files.write(
        directory.resolve("imports/bad.arrow"), "ARROW1 nonsense".getBytes(StandardCharsets.UTF_8));
    write("empty", "");
    script.run(
        """
        a: COPY p FROM '../outside.csv' WITH (FORMAT CSV) => !42501
        a: COPY p FROM '%1$s' WITH (FORMAT CSV) => !42501
        a: COPY p FROM 'link.csv' WITH (FORMAT CSV) => !42501
        a: COPY p FROM 'out/outside.csv' WITH (FORMAT CSV) => !42501
        a: COPY p TO 'out/new.csv' WITH (FORMAT CSV) => !42501
        a: COPY p TO '../new.csv' WITH (FORMAT CSV) => !42501
        a: COPY p FROM 'missing.csv' WITH (FORMAT CSV) => !22023
        a: COPY p FROM 'latin.csv' WITH (FORMAT CSV) => !22021
        a: COPY p FROM 'bad.arrow' WITH (FORMAT ARROW) => !22P03
        a: COPY p FROM 'empty' WITH (FORMAT ARROW) => !22P03
        a: COPY (SELECT 1 / 0) TO 'new.csv' WITH (FORMAT CSV) => !22012
        a: SELECT count(*) FROM p => 0
        """
            .formatted(outside));
    assertThat(directory.resolve("new.csv")).doesNotExist();
    try (var files = Files.list(directory.resolve("imports"))) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("link.csv", "out", "latin.csv", "bad.arrow", "empty");
    }
  }
}
