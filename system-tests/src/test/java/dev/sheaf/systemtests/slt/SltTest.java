package dev.sheaf.systemtests.slt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The files of our own, whose results PostgreSQL gave; and what the runner says of files. */
final class SltTest {
  private static final Path FILES = Path.of("src", "test", "resources", "slt");

  @TempDir Path folder;

  static Stream<Path> files() throws Exception {
    return SltMain.files(List.of(FILES)).stream();
  }

  @ParameterizedTest
  @MethodSource("files")
  void answersAsPostgresDoes(Path file) throws Exception {
    List<SltRecord> records = SltParser.parse(Files.readAllLines(file));
    try (Engine engine = new SheafEngine()) {
      var run = new SltRun(engine, false);
      run.run(records);
      assertThat(run.failures()).as(file.toString()).isEmpty();
      assertThat(run.passed()).as("records that ran of %s", file).isGreaterThan(5);
    }
  }

  private record Said(int exit, String text) {}

  private Said run(String text, String... options) throws Exception {
    Path file = folder.resolve("a.slt");
    Files.writeString(file, text);
    var out = new ByteArrayOutputStream();
    int exit =
        SltMain.run(
            Stream.concat(Stream.of(options), Stream.of(folder.toString())).toList(),
            new PrintStream(out, true, StandardCharsets.UTF_8));
    return new Said(exit, out.toString(StandardCharsets.UTF_8));
  }

  @Test
  void takesEveryFormOfResult() throws Exception {
    Said said =
        run(
            """
            # a comment
            statement ok
            CREATE TABLE t (a INT, b TEXT, c DOUBLE PRECISION, d BOOLEAN)

            statement count 2
            INSERT INTO t VALUES (1, 'x y', 0.125, TRUE), (NULL, '', 3, FALSE)

            # a value on each line
            query ITRI nosort
            SELECT * FROM t ORDER BY a
            ----
            1
            x y
            0.125
            1
            NULL
            (empty)
            3.000
            0

            # a row on each line, by tabs and by spaces
            query ITRB rowsort
            SELECT * FROM t
            ----
            NULL\t(empty)\t3\tfalse
            1\tx y\t0.125\ttrue

            query IR
            SELECT a, c FROM t ORDER BY c
            ----
            1 0.125
            NULL 3.0

            query I valuesort both
            SELECT a FROM t UNION ALL SELECT 7
            ----
            1
            7
            NULL

            query I valuesort both
            SELECT 7 UNION ALL SELECT a FROM t

            hash-threshold 2

            query IT rowsort
            SELECT 1, 'one' UNION ALL SELECT 2, 'two'
            ----
            4 values hashing to %s

            skipif sheaf
            statement ok
            NO SQL AT ALL

            onlyif postgresql
            query I
            SELECT 2
            ----
            3

            statement error 42P01
            SELECT * FROM nowhere

            statement error
            SELECT * FROM nowhere

            loop i 0 3

            query I
            SELECT ${i} + 1 - ${i}
            ----
            1

            endloop

            halt

            query I
            SELECT 1
            ----
            2
            """
                .formatted(
                    Cells.hashed(
                            List.of(List.of("1", "one"), List.of("2", "two")),
                            "IT",
                            SltRecord.SortMode.ROWSORT)
                        .substring("4 values hashing to ".length())));
    assertThat(said.text()).contains("1 files: 13 passed, 0 failed, 3 skipped");
    assertThat(said.exit()).isZero();
  }

  @Test
  void hashesAsSqllogictestDoes() {
    // printf '1\none\n' | md5sum
    assertThat(Cells.hashed(List.of(List.of("1", "one")), "IT", SltRecord.SortMode.NOSORT))
        .isEqualTo("2 values hashing to d88bf25dd449f4b9a3ae6f894d915f6f");
    assertThat(Cells.hashed(List.of(List.of("0.5")), "R", SltRecord.SortMode.NOSORT))
        .isEqualTo("1 values hashing to fed91f8cbb8c3123e0c533df98ddaf23");
  }

  @Test
  void saysWhatDiffers() throws Exception {
    Said said =
        run(
            """
            query I
            SELECT 1
            ----
            2

            query II
            SELECT 1, 2 UNION ALL SELECT 3, 4 ORDER BY 1
            ----
            1 2
            3 5

            statement ok
            SELECT * FROM nowhere

            statement error 42703
            SELECT * FROM nowhere

            query TI
            SELECT 1
            ----
            1

            query R
            SELECT 2.4
            ----
            2
            """);
    assertThat(said.exit()).isEqualTo(1);
    assertThat(said.text())
        .contains("0 passed, 6 failed, 0 skipped")
        .contains("line 1: row 1: expected [2], found [1]")
        .contains("line 6: row 2: expected [3 5], found [3, 4]")
        .contains("line 12: 42P01")
        .contains("line 15: expected an error with 42703, found 42P01")
        .contains("line 18: expected 2 columns, found 1");
    assertThat(run("query I\nSELECT 1\n----\n1\n", "--nonsense").exit()).isEqualTo(2);
  }

  @Test
  void writesWhatCame() throws Exception {
    String text =
        "query IT\nSELECT 1, 'a' UNION ALL SELECT 2, NULL ORDER BY 1\n%s\nquery I\nSELECT 3\n----\n%s\n";
    run(text.formatted("", "4\n"), "--write");
    assertThat(folder.resolve("a.slt")).hasContent(text.formatted("----\n1\ta\n2\tNULL\n", "3\n"));
  }
}
