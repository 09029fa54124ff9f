package dev.sheaf.cli.demo;

import dev.sheaf.cli.client.SqlClient;
import dev.sheaf.cli.text.Printers;
import dev.sheaf.cli.text.ResultPrinter;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.protocol.type.Field;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** A demonstration: loads real data, then asks questions of it. */
public interface Demo {
  /** Name of the database that the demonstration creates. */
  String database();

  void load(SqlClient client, PrintStream out);

  List<Question> questions();

  /**
   * @param title shown above the answer
   */
  record Question(String title, String sql) {}

  /** Runs all questions, showing the first rows of each answer and the time it took. */
  static void ask(SqlClient client, List<Question> questions, int rowsShown, PrintStream out) {
    double total = 0;
    for (Question question : questions) {
      out.println();
      out.println(question.title());
      var writer = new PrintWriter(out, false, StandardCharsets.UTF_8);
      var shown = new FirstRows(Printers.of(ResultPrinter.Format.table, writer, false), rowsShown);
      long start = System.nanoTime();
      client.execute(question.sql(), shown);
      double millis = (System.nanoTime() - start) / 1e6;
      shown.finish();
      out.printf(Locale.ROOT, "%d rows in %.0f ms%n", shown.rows, millis);
      total += millis;
    }
    out.println();
    out.printf(Locale.ROOT, "%d queries in %.1f s%n", questions.size(), total / 1e3);
  }

  /** Passes on the first rows only, and counts all. */
  final class FirstRows implements SqlClient.Rows {
    private final ResultPrinter printer;
    private final int limit;
    private long rows;

    FirstRows(ResultPrinter printer, int limit) {
      this.printer = printer;
      this.limit = limit;
    }

    @Override
    public void fields(List<Field> fields) {
      printer.fields(fields);
    }

    @Override
    public void batch(Batch batch) {
      int take = (int) Math.max(0, Math.min(batch.selected(), limit - rows));
      rows += batch.selected();
      if (take > 0) {
        int[] selection = new int[take];
        for (int i = 0; i < take; i++) {
          selection[i] = batch.row(i);
        }
        printer.batch(batch.select(selection, take));
      }
    }

    void finish() {
      printer.finish();
    }
  }
}
