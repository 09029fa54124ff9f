package dev.sheaf.cli.shell;

import dev.sheaf.cli.client.Endpoint;
import dev.sheaf.cli.client.RowTexts;
import dev.sheaf.cli.client.SqlClient;
import dev.sheaf.cli.client.SqlException;
import dev.sheaf.cli.error.CliException;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.protocol.type.Field;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jline.terminal.spi.SystemStream;
import org.jline.terminal.spi.TerminalProvider;
import org.jspecify.annotations.Nullable;

/**
 * How far a statement is, for people: a line on a terminal that appears when the statement takes
 * longer than a second, is written anew twice a second, and is gone when the statement's first rows
 * come or it ends. The numbers come by a session of their own, which is opened for it; when there
 * are none, because another compute answers or the server is older, there is no line. Thread-safe.
 */
public final class ProgressLine implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration FAREWELL = Duration.ofMillis(500);

  /** Wider lines would not be written over. */
  private static final int MAX_WIDTH = 78;

  /** The rows of SHOW STATEMENTS. */
  interface Statements extends AutoCloseable {
    List<@Nullable String[]> running();

    @Override
    void close();
  }

  private final String sql;
  private final Supplier<Statements> statements;
  private final BooleanSupplier isTerminal;
  private final PrintStream terminal;
  private final Duration patience;
  private final Duration pause;
  private final long startNanos = System.nanoTime();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread thread;
  private boolean cleared;
  private int width;

  /** On standard error, if that is a terminal. */
  public static ProgressLine of(Endpoint endpoint, String sql) {
    return new ProgressLine(
        sql,
        () -> new OwnSession(SqlClient.connect(endpoint)),
        ProgressLine::isErrorTerminal,
        System.err,
        PATIENCE,
        PAUSE);
  }

  /**
   * @param statements called once, after {@code patience}, if {@code isTerminal} says yes
   */
  ProgressLine(
      String sql,
      Supplier<Statements> statements,
      BooleanSupplier isTerminal,
      PrintStream terminal,
      Duration patience,
      Duration pause) {
    this.sql = sql;
    this.statements = statements;
    this.isTerminal = isTerminal;
    this.terminal = terminal;
    this.patience = patience;
    this.pause = pause;
    this.thread = Thread.ofVirtual().name("progress").start(this::watch);
  }

  private record OwnSession(SqlClient client) implements Statements {
    @Override
    public List<@Nullable String[]> running() {
      List<@Nullable String[]> rows = new ArrayList<>();
      client.execute("SHOW STATEMENTS", new RowTexts(rows));
      return rows;
    }

    @Override
    public void close() {
      client.close();
    }
  }

  /** Asks the system: the JVM only knows about its input and output together. */
  private static boolean isErrorTerminal() {
    try {
      return TerminalProvider.load("exec").isSystemStream(SystemStream.Error);
    } catch (IOException e) {
      return false;
    }
  }

  private void watch() {
    try {
      if (ended.await(patience.toMillis(), TimeUnit.MILLISECONDS) || !isTerminal.getAsBoolean()) {
        return;
      }
      try (Statements open = statements.get()) {
        do {
          double seconds = (System.nanoTime() - startNanos) / 1e9;
          ProgressText.find(open.running(), sql, seconds)
              .map(ProgressText::line)
              .ifPresent(this::draw);
        } while (!ended.await(pause.toMillis(), TimeUnit.MILLISECONDS));
      }
    } catch (SqlException | CliException e) {
      // The line is a courtesy: the statement itself says what is wrong with the server.
      clear();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void draw(String line) {
    if (cleared) {
      return;
    }
    String shown = line.length() > MAX_WIDTH ? line.substring(0, MAX_WIDTH) : line;
    terminal.print("\r" + shown + " ".repeat(Math.max(0, width - shown.length())));
    terminal.flush();
    width = shown.length();
  }

  /** Takes the line away for good. */
  synchronized void clear() {
    cleared = true;
    if (width > 0) {
      terminal.print("\r" + " ".repeat(width) + "\r");
      terminal.flush();
      width = 0;
    }
    ended.countDown();
  }

  /** The same rows; the line is gone before the first of them. */
  SqlClient.Rows before(SqlClient.Rows rows) {
    return new SqlClient.Rows() {
      @Override
      public void fields(List<Field> fields) {
        clear();
        rows.fields(fields);
      }

      @Override
      public void batch(Batch batch) {
        rows.batch(batch);
      }
    };
  }

  /** Takes the line away, and gives its session a moment to end. */
  @Override
  public void close() {
    clear();
    try {
      boolean unused = thread.join(FAREWELL);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
