package dev.sheaf.cli.text;

import dev.sheaf.columnar.text.TextFormat;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.protocol.type.Field;
import java.io.PrintWriter;
import java.util.List;

/** RFC 4180 with a header line; NULL is an empty field, an empty text is {@code ""}. Streams. */
final class CsvPrinter implements ResultPrinter {
  private final PrintWriter out;
  private final TextFormat format;
  private List<Field> fields = List.of();

  CsvPrinter(PrintWriter out, TextFormat format) {
    this.out = out;
    this.format = format;
  }

  @Override
  public void fields(List<Field> newFields) {
    fields = newFields;
    for (int c = 0; c < fields.size(); c++) {
      out.print(c == 0 ? "" : ",");
      out.print(quoted(fields.get(c).name()));
    }
    out.print("\r\n");
  }

  @Override
  public void batch(Batch batch) {
    for (int i = 0; i < batch.selected(); i++) {
      for (int c = 0; c < fields.size(); c++) {
        out.print(c == 0 ? "" : ",");
        Object value = batch.column(c).value(batch.row(i));
        if (value != null) {
          out.print(quoted(format.format(value, fields.get(c).type())));
        }
      }
      out.print("\r\n");
    }
  }

  private static String quoted(String text) {
    boolean plain =
        !text.isEmpty()
            && text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
  }

  @Override
  public void finish() {
    out.flush();
  }
}
