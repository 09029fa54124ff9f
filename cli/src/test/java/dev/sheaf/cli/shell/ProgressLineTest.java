package dev.sheaf.cli.shell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.error.CliException;
import dev.sheaf.cli.error.ExitCode;
import dev.sheaf.cli.shell.ProgressLine.Statements;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ProgressLineTest {
  private static final String SQL = "COPY t FROM 'big.csv'";
  private static final String NONE = "none";

  private final ByteArrayOutputStream drawn = new ByteArrayOutputStream();

  /** A session to ask, whose answers the test gives, each time it is asked. */
  private static final class Asked implements Statements {
    final BlockingQueue<List<@Nullable String[]>> answers = new LinkedBlockingQueue<>();
    final CountDownLatch closed = new CountDownLatch(1);

    @Override
    public List<@Nullable String[]> running() {
      try {
        return answers.take();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void close() {
      closed.countDown();
    }
  }

  private static @Nullable String[] row(
      String text, String seconds, String state, String rows, String read, String fraction) {
    String total = read.equals(NONE) ? NONE : "4194304";
    @Nullable String[] row = {"7", "me", seconds, state, rows, read, total, fraction, text};
    for (int i = 0; i < row.length; i++) {
      row[i] = NONE.equals(row[i]) ? null : row[i];
    }
    return row;
  }

  private static List<@Nullable String[]> rows(@Nullable String[]... rows) {
    List<@Nullable String[]> all = new ArrayList<>();
    all.addAll(List.of(rows));
    return all;
  }

  private ProgressLine line(
      Supplier<Statements> statements, boolean isTerminal, Duration patience) {
    return new ProgressLine(
        SQL,
        statements,
        () -> isTerminal,
        new PrintStream(drawn, true, StandardCharsets.UTF_8),
        patience,
        Duration.ofMillis(1));
  }

  private String drawn() {
    return drawn.toString(StandardCharsets.UTF_8);
  }

  private void await(String part) throws InterruptedException {
    while (!drawn().contains(part)) {
      Thread.sleep(1);
    }
  }

  @Test
  void aLineIsDrawnAnewAndClearedAtTheEnd() throws InterruptedException {
    var asked = new Asked();
    try (ProgressLine line = line(() -> asked, true, Duration.ZERO)) {
      asked.answers.add(rows(row("SELECT 1", "9.0", "running", "3", NONE, NONE)));
      asked.answers.add(rows(row(SQL, "2.0", "running", "1200", "1048576", "0.25")));
      await("25 %, 1,200 rows, 1.0 of 4.0 MiB, 2 s, about 6 s left");
      asked.answers.add(rows(row(SQL, "70.0", "finishing", "4800", "4194304", "1.0")));
      await("\r100 %, 4,800 rows, 4.0 of 4.0 MiB, storing, 1 min 10 s");
    }
    assertThat(drawn()).doesNotContain("SELECT").matches("(?s).*\\r +\\r");
    int length = drawn().length();
    // An answer that comes too late is not drawn any more.
    asked.answers.add(rows(row(SQL, "9.0", "running", "5", NONE, NONE)));
    asked.closed.await();
    assertThat(drawn()).hasSize(length);
  }

  @Test
  void thereIsNoneOffATerminalNorForWhatIsSoonOver() {
    Supplier<Statements> never =
        () -> {
          throw new AssertionError("asked");
        };
    line(never, false, Duration.ZERO).close();
    line(never, true, Duration.ofDays(1)).close();
    assertThat(drawn()).isEmpty();
  }

  @Test
  void aServerThatDoesNotAnswerLeavesNoTrace() throws InterruptedException {
    var tried = new CountDownLatch(1);
    ProgressLine line =
        line(
            () -> {
              tried.countDown();
              throw new CliException(ExitCode.FAILED, "no server", null);
            },
            true,
            Duration.ZERO);
    tried.await();
    line.close();
    assertThat(drawn()).isEmpty();
  }

  @Test
  void ofSeveralTheOneThatBeganThenIsMeant() {
    var rows =
        rows(
            row(SQL, "100.0", "running", "1", NONE, NONE),
            row(SQL, "4.0", "waiting", "0", NONE, NONE),
            row(SQL + ";", "5.0", "running", "3", NONE, NONE));
    assertThat(ProgressText.find(rows, SQL, 5).orElseThrow().line())
        .isEqualTo("waiting for its turn, 4 s");
    assertThat(ProgressText.find(rows, SQL, 80).orElseThrow().line())
        .isEqualTo("1 row, 1 min 40 s");
    assertThat(ProgressText.find(rows, "COPY", 5)).isEmpty();
    String longer = "x".repeat(500);
    var cut = rows(row(longer.substring(0, 200), "1.0", "running", "0", NONE, NONE));
    assertThat(ProgressText.find(cut, longer, 1)).isPresent();
  }
}
