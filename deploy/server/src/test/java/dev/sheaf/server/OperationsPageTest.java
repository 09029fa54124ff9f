package dev.sheaf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code docs/operations.md} lists exactly the settings that there are, with their defaults. */
final class OperationsPageTest {
  static final Path PAGE = Path.of("..", "..", "docs", "operations.md");

  /** {@code | `sheaf.name` | default | ... |}. */
  private static final Pattern ROW =
      Pattern.compile("^\\| `(sheaf\\.[a-z0-9.-]+)` \\| *([^|]*?) *\\|", Pattern.MULTILINE);

  @Test
  void settingsAreThoseOfTheCode() throws IOException {
    SortedMap<String, String> documented = new TreeMap<>();
    Matcher rows = ROW.matcher(Files.readString(PAGE));
    while (rows.find()) {
      String before = documented.put(rows.group(1), rows.group(2));
      assertThat(before).as("%s is listed once", rows.group(1)).isNull();
    }
    SortedMap<String, String> known = SettingNames.defaults();
    assertThat(documented.keySet()).isEqualTo(known.keySet());
    known.forEach((name, value) -> {
      if (!value.isEmpty()) {
        assertThat(documented.get(name)).as("default of %s", name).isEqualTo("`" + value + "`");
      }
    });
  }
}
