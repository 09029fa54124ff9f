package dev.sheaf.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.cli.error.CliException;
import dev.sheaf.cli.error.ExitCode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What the operator sees of a check, and what a script learns from its exit code. */
final class CheckReportTest {
  private static final String PROGRESS =
      "{\"progress\":{\"objects\":1,\"all_objects\":2,\"rows\":3,\"bytes\":4}}";
  private static final String FINDING = "{\"finding\":{\"object\":\"db/a/0/x\",\"what\":\"bad\"}}";

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private CheckReport report(boolean showsProgress, String... lines)
      throws JsonProcessingException {
    var report = new CheckReport(stream(out), stream(err), showsProgress);
    for (String line : lines) {
      report.line(new ObjectMapper().readTree(line));
    }
    return report;
  }

  private static PrintStream stream(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  private static String result(int findings) {
    return ("{\"result\":{\"manifests\":5,\"objects\":6,\"rows\":7,\"bytes\":8,\"findings\":%d}}")
        .formatted(findings);
  }

  @Test
  void theExitCodeSaysWhetherAllIsSound() throws JsonProcessingException {
    assertThat(report(false, PROGRESS, result(0)).end()).isEqualTo(ExitCode.OK);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualToNormalizingNewlines(
            "looked at 5 manifests, 6 objects, 7 rows, 8 bytes: all is sound\n");
    assertThat(err.size()).isZero();
    out.reset();
    assertThat(report(true, PROGRESS, FINDING, result(1)).end()).isEqualTo(ExitCode.FAILED);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .startsWith("db/a/0/x: bad")
        .contains("8 bytes: 1 finding");
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("1 of 2 objects");
  }

  @Test
  void whatWasCutOffIsNotSound() throws JsonProcessingException {
    CheckReport cut = report(false, PROGRESS);
    assertThatThrownBy(cut::end).isInstanceOf(CliException.class).hasMessageContaining("cut off");
    assertThatThrownBy(
            () -> report(false, FINDING, "{\"problem\":{\"detail\":\"moved\",\"hint\":\"again\"}}"))
        .isInstanceOfSatisfying(
            CliException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.FAILED))
        .hasMessage("moved");
  }
}
