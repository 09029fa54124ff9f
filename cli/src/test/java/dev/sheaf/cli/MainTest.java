package dev.sheaf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.error.ExitCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

final class MainTest {
  private final StringWriter errors = new StringWriter();

  private int run(String... args) {
    return Main.commandLine().setErr(new PrintWriter(errors, true)).execute(args);
  }

  @Test
  void wrongArgumentsAreNamedInOneLineAndAHint() {
    assertThat(run("sql", "shop", "-c", "SELECT 1", "orders")).isEqualTo(ExitCode.USAGE);
    assertThat(errors.toString().lines())
        .containsExactly(
            "error: Unmatched argument at index 4: 'orders'",
            "hint: ./sheaf sql --help says how it is used.");
  }

  @Test
  void commandsThatAreNearlyRightAreSuggested() {
    assertThat(run("backup", "creat", "shop", "nightly")).isEqualTo(ExitCode.USAGE);
    assertThat(errors.toString()).contains("'creat'", "Did you mean", "backup create");
  }

  @Test
  void aDatabaseIsNamedOnce() {
    assertThat(run("sql", "shop", "-d", "bank", "-c", "SELECT 1")).isEqualTo(ExitCode.USAGE);
    assertThat(errors.toString()).contains("two databases are named: shop and bank");
  }

  @Test
  void theDatabaseNeedsNoOption() {
    assertThat(run("sql", "shop", "--port", "1", "-c", "SELECT 1")).isEqualTo(ExitCode.USAGE);
    assertThat(errors.toString()).contains("Is a server running there?");
  }
}
