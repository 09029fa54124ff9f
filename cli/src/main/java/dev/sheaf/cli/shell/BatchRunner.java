package dev.sheaf.cli.shell;

import dev.sheaf.cli.client.SqlException;
import dev.sheaf.cli.error.ExitCode;
import dev.sheaf.cli.text.Statements;
import dev.sheaf.cli.text.Statements.Statement;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** Runs statements one after the other and stops at the first error. */
public final class BatchRunner {
  private final StatementRunner runner;
  private final PrintStream errors;

  public BatchRunner(StatementRunner runner, PrintStream errors) {
    this.runner = runner;
    this.errors = errors;
  }

  /** The exit code. */
  public int run(String text) {
    Statements split = Statements.split(text);
    List<Statement> statements = new ArrayList<>(split.complete());
    if (!split.rest().isEmpty()) {
      int line =
          1
              + (int)
                  text.substring(0, text.length() - split.rest().stripLeading().length())
                      .chars()
                      .filter(c -> c == '\n')
                      .count();
      statements.add(new Statement(split.rest().strip(), line));
    }
    for (Statement statement : statements) {
      try {
        runner.run(statement.sql(), false);
      } catch (SqlException e) {
        if (statements.size() > 1) {
          errors.println("in the statement at line " + statement.line() + ":");
        }
        errors.print(ErrorText.of(e.error(), statement.sql()));
        return e.error().isConnectionFailure() ? ExitCode.USAGE : ExitCode.FAILED;
      }
    }
    return ExitCode.OK;
  }
}
