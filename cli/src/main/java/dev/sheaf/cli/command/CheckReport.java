package dev.sheaf.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.cli.error.CliException;
import dev.sheaf.cli.error.ExitCode;
import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/** Prints a check's answer line by line: findings to one stream, how far it is to the other. */
final class CheckReport {
  private final PrintStream out;
  private final PrintStream err;
  private final boolean showsProgress;
  private boolean progressShown;
  private @Nullable JsonNode result;

  /**
   * @param showsProgress whether somebody watches
   */
  CheckReport(PrintStream out, PrintStream err, boolean showsProgress) {
    this.out = out;
    this.err = err;
    this.showsProgress = showsProgress;
  }

  void line(JsonNode line) {
    if (line.has("progress")) {
      progress(line.path("progress"));
      return;
    }
    clearProgress();
    if (line.has("finding")) {
      JsonNode finding = line.path("finding");
      out.println(finding.path("object").asText() + ": " + finding.path("what").asText());
    } else if (line.has("problem")) {
      JsonNode problem = line.path("problem");
      throw new CliException(
          ExitCode.FAILED,
          problem.path("detail").asText("the check failed"),
          problem.path("hint").asText(null));
    } else if (line.has("result")) {
      result = line.path("result");
    }
  }

  private void progress(JsonNode soFar) {
    if (showsProgress) {
      err.printf(
          "\r%d of %d objects, %d rows, %d bytes ",
          soFar.path("objects").asLong(),
          soFar.path("all_objects").asLong(),
          soFar.path("rows").asLong(),
          soFar.path("bytes").asLong());
      err.flush();
      progressShown = true;
    }
  }

  private void clearProgress() {
    if (progressShown) {
      err.print("\r" + " ".repeat(78) + "\r");
      err.flush();
      progressShown = false;
    }
  }

  /** Whether the last line of a check that was done has come. */
  boolean isDone() {
    return result != null;
  }

  /** Says what was looked at; returns the exit code. */
  int end() {
    clearProgress();
    JsonNode done = result;
    if (done == null) {
      throw new CliException(
          ExitCode.FAILED,
          "the check was cut off",
          "What it has found so far holds. Its server's log may say why it ended.");
    }
    long findings = done.path("findings").asLong();
    out.printf(
        "looked at %d manifests, %d objects, %d rows, %d bytes: %s%n",
        done.path("manifests").asLong(),
        done.path("objects").asLong(),
        done.path("rows").asLong(),
        done.path("bytes").asLong(),
        findings == 0 ? "all is sound" : findings + (findings == 1 ? " finding" : " findings"));
    return findings == 0 ? ExitCode.OK : ExitCode.FAILED;
  }
}
