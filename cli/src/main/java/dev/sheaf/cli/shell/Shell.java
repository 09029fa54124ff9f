package dev.sheaf.cli.shell;

import dev.sheaf.cli.client.Endpoint;
import dev.sheaf.cli.client.SqlException;
import dev.sheaf.cli.error.ExitCode;
import dev.sheaf.cli.text.ResultPrinter;
import dev.sheaf.cli.text.Statements;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.TerminalBuilder;

/**
 * The interactive shell: statements end with a semicolon and may span lines; a line that begins
 * with a backslash is a command of the shell. Ctrl-C drops the input, or cancels the running
 * statement; Ctrl-D leaves.
 */
public final class Shell {
  private final Endpoint endpoint;
  private final ResultPrinter.Format format;

  public Shell(Endpoint endpoint, ResultPrinter.Format format) {
    this.endpoint = endpoint;
    this.format = format;
  }

  /** Runs until the user leaves; the exit code. */
  public int run() {
    try (Terminal terminal = TerminalBuilder.builder().system(true).build()) {
      return run(terminal);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs on a terminal until the user leaves or its input ends; the exit code. */
  public int run(Terminal terminal) throws IOException {
    try (ShellSession session = ShellSession.open(endpoint, format, terminal)) {
      terminal.handle(Signal.INT, signal -> session.cancel());
      LineReader reader =
          LineReaderBuilder.builder()
              .terminal(terminal)
              .parser(new SqlLineParser())
              .completer(new NameCompleter(session))
              .variable(LineReader.HISTORY_FILE, historyFile())
              .variable(LineReader.SECONDARY_PROMPT_PATTERN, "%P      -> ")
              .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
              .build();
      terminal.writer().println("Sheaf shell. \\? for help, \\q to leave.");
      read(reader, session);
      return ExitCode.OK;
    }
  }

  private static void read(LineReader reader, ShellSession session) {
    while (!session.isEnded()) {
      try {
        String line = reader.readLine(session.prompt());
        if (line.stripLeading().startsWith("\\")) {
          session.command(line.strip());
        } else {
          Statements.split(line).complete().forEach(s -> session.statement(s.sql()));
        }
      } catch (UserInterruptException e) {
        session.note("");
      } catch (EndOfFileException e) {
        return;
      } catch (SqlException e) {
        session.note(ErrorText.of(e.error(), ""));
      }
    }
  }

  private static Path historyFile() {
    String state = System.getenv("XDG_STATE_HOME");
    Path folder =
        state == null || state.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".local", "state")
            : Path.of(state);
    return folder.resolve("sheaf").resolve("history");
  }
}
