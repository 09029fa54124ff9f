package dev.sheaf.cli.train;

import dev.sheaf.cli.client.Endpoint;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.cli.text.ResultPrinter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.ExternalTerminal;

/** The interactive shell, typed into by nobody. */
final class ShellPractice {
  private static final String TYPED =
      """
      \\?
      \\d
      \\d lineitem
      \\timing
      SELECT l_orderkey, l_comment
        FROM lineitem LIMIT 5;
      SELECT no_such_column FROM lineitem;
      \\q
      """;

  private ShellPractice() {}

  static void run(Endpoint endpoint) {
    var typed = new ByteArrayInputStream(TYPED.getBytes(StandardCharsets.UTF_8));
    try (Terminal terminal =
        new ExternalTerminal(
            "practice", "ansi", typed, OutputStream.nullOutputStream(), StandardCharsets.UTF_8)) {
      int unused = new Shell(endpoint, ResultPrinter.Format.table).run(terminal);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
