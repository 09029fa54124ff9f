package dev.sheaf.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.client.RowTexts;
import dev.sheaf.cli.client.SqlClient;
import dev.sheaf.cli.client.SqlException;
import dev.sheaf.cli.text.Statements;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples of {@code docs/sql.md}, from top to bottom: each does what the page says. */
final class SqlReferenceTest {
  private static final Path PAGE = Path.of("..", "docs", "sql.md");

  /** A block of SQL, perhaps with the SQLSTATE that its statements fail with. */
  private static final Pattern BLOCK =
      Pattern.compile(
          "^```sql(?: error=(\\w{5}))?\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

  /** More than the examples go back in time: by then their tables have to be there. */
  private static final long MILLIS_TO_LOOK_BACK = 1_100;

  /**
   * @param sqlState null = succeeds
   */
  private record Example(int line, String sqlState, String sql) {}

  private static List<Example> examples() throws IOException {
    String page = Files.readString(PAGE);
    List<Example> examples = new ArrayList<>();
    Matcher block = BLOCK.matcher(page);
    while (block.find()) {
      int firstLine = 1 + (int) page.substring(0, block.start(2)).lines().count();
      Statements statements = Statements.split(block.group(2));
      assertThat(statements.rest())
          .as("block at line %d ends with a semicolon", firstLine)
          .isBlank();
      for (Statements.Statement statement : statements.complete()) {
        examples.add(
            new Example(firstLine + statement.line() - 1, block.group(1), statement.sql()));
      }
    }
    return examples;
  }

  @ParameterizedTest
  @MethodSource("dev.sheaf.systemtests.SqlServers#chosen")
  void everyExampleDoesWhatThePageSays(SqlServers kind) throws Exception {
    List<Example> examples = examples();
    assertThat(examples).as("examples in %s", PAGE).hasSizeGreaterThan(80);
    List<String> wrong = new ArrayList<>();
    try (SqlServer server = kind.start()) {
      server.createDatabase("reference");
      try (SqlClient client = server.client("reference")) {
        for (Example example : examples) {
          if (example.sql().contains("SYSTEM_TIME")) {
            Thread.sleep(MILLIS_TO_LOOK_BACK);
          }
          String found = run(client, example.sql());
          String wanted = example.sqlState() == null ? "success" : example.sqlState();
          if (!found.startsWith(wanted)) {
            wrong.add("docs/sql.md:%d: %s, not %s".formatted(example.line(), found, wanted));
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  private static String run(SqlClient client, String sql) {
    try {
      client.execute(sql, new RowTexts(new ArrayList<>()));
      return "success";
    } catch (SqlException e) {
      return e.error().sqlState() + " " + e.error().message();
    }
  }
}
