package dev.sheaf.cli.train;

import dev.sheaf.cli.client.Endpoint;
import dev.sheaf.cli.client.SqlClient;
import dev.sheaf.cli.demo.Demo;
import dev.sheaf.cli.demo.TpchDemo;
import dev.sheaf.cli.error.CliException;
import dev.sheaf.cli.error.ExitCode;
import dev.sheaf.cli.shell.BatchRunner;
import dev.sheaf.cli.shell.StatementRunner;
import dev.sheaf.cli.text.ResultPrinter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * What users do, in small, against a server that has nothing else to do: loads and queries TPC-H,
 * reads and writes by key, asks for metadata, calls HTTP, types into the shell, runs statements of
 * all kinds. A class that it does not touch, on either side, is not in a cache; a method that it
 * does not heat is compiled late.
 */
public final class Practice {
  private static final String DATABASE = "practice";
  private static final double SCALE = 0.01;
  private static final int ROWS_SHOWN = 5;

  private final String host;
  private final int flightPort;
  private final int httpPort;
  private final Effort effort;
  private final PrintStream out;

  public Practice(String host, int flightPort, int httpPort, Effort effort, PrintStream out) {
    this.host = host;
    this.flightPort = flightPort;
    this.httpPort = httpPort;
    this.effort = effort;
    this.out = out;
  }

  /** How often to repeat what is to get hot: TPC-H's queries, a row's read, a row's write. */
  public record Effort(int queries, int reads, int writes) {
    /**
     * As often as the JVM takes until it compiles the way of a statement with all optimisations.
     */
    public static final Effort HOT = new Effort(3, 3_000, 1_000);
  }

  /** Any failure is an exception: a half-trained cache helps nobody. */
  public void run() {
    new HttpPractice(host, httpPort).run(DATABASE);
    Endpoint endpoint = Endpoint.plain(host, flightPort, DATABASE);
    try (SqlClient client = SqlClient.connect(endpoint)) {
      TpchDemo tpch = new TpchDemo(SCALE);
      tpch.load(client, out);
      for (int i = 0; i < effort.queries(); i++) {
        Demo.ask(client, tpch.questions(), ROWS_SHOWN, out);
      }
      client.names();
      client.direct(new KeyPractice(client.allocator(), effort)::run);
      client.direct(MetadataPractice::run);
    }
    ShellPractice.run(endpoint);
    String statements = statements();
    for (ResultPrinter.Format format : ResultPrinter.Format.values()) {
      try (SqlClient client = SqlClient.connect(endpoint)) {
        batch(client, format, statements);
      }
    }
  }

  private void batch(SqlClient client, ResultPrinter.Format format, String statements) {
    var writer = new PrintWriter(out, false, StandardCharsets.UTF_8);
    var errors = new ByteArrayOutputStream();
    var runner =
        new BatchRunner(
            new StatementRunner(client, writer, format, true),
            new PrintStream(errors, true, StandardCharsets.UTF_8));
    if (runner.run(statements) != ExitCode.OK) {
      throw new CliException(
          ExitCode.FAILED, "practising failed " + errors.toString(StandardCharsets.UTF_8), null);
    }
  }

  private static String statements() {
    try (InputStream in = Practice.class.getResourceAsStream("/train/statements.sql")) {
      if (in == null) {
        throw new IllegalStateException("the statements to practise are not packaged");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
