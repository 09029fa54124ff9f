package dev.sheaf.cli.text;

import dev.sheaf.columnar.text.TextFormat;
import java.io.PrintWriter;
import java.time.ZoneOffset;

/** Makes printers. Timestamps with time zone are shown in UTC, with their offset. */
public final class Printers {
  private Printers() {}

  public static ResultPrinter of(ResultPrinter.Format format, PrintWriter out, boolean expanded) {
    TextFormat text = new TextFormat(ZoneOffset.UTC);
    return switch (format) {
      case table -> new TablePrinter(out, text, expanded, "NULL");
      case csv -> new CsvPrinter(out, text);
      case json -> new JsonPrinter(out, text);
    };
  }
}
