package dev.sheaf.cli.text;

import dev.sheaf.columnar.text.TextFormat;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.protocol.type.Field;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An aligned table, numbers to the right, NULL shown as {@code NULL} in the style given. Widths
 * come from the first {@link #SAMPLE_ROWS} rows, so that a result of any size streams; a later,
 * wider value only pushes its line out.
 */
final class TablePrinter implements ResultPrinter {
  private static final int SAMPLE_ROWS = 1000;

  /** Values longer than this are not padded to. */
  private static final int MAX_WIDTH = 60;

  private final PrintWriter out;
  private final TextFormat format;
  private final boolean expanded;
  private final String nullText;
  private List<Field> fields = List.of();
  private final List<@Nullable String[]> sample = new ArrayList<>();
  private int @Nullable [] widths;
  private long rows;

  TablePrinter(PrintWriter out, TextFormat format, boolean expanded, String nullText) {
    this.out = out;
    this.format = format;
    this.expanded = expanded;
    this.nullText = nullText;
  }

  @Override
  public void fields(List<Field> newFields) {
    fields = newFields;
  }

  @Override
  public void batch(Batch batch) {
    for (int i = 0; i < batch.selected(); i++) {
      @Nullable String[] row = new @Nullable String[fields.size()];
      for (int c = 0; c < row.length; c++) {
        Object value = batch.column(c).value(batch.row(i));
        row[c] = value == null ? null : format.format(value, fields.get(c).type());
      }
      add(row);
    }
  }

  private void add(@Nullable String[] row) {
    if (expanded) {
      printExpanded(row);
    } else if (widths == null) {
      sample.add(row);
      if (sample.size() == SAMPLE_ROWS) {
        flushSample();
      }
    } else {
      printRow(row, widths);
    }
    rows++;
  }

  private void flushSample() {
    int[] w = new int[fields.size()];
    for (int c = 0; c < w.length; c++) {
      w[c] = fields.get(c).name().length();
      for (@Nullable String[] row : sample) {
        w[c] = Math.max(w[c], Math.min(MAX_WIDTH, text(row[c]).length()));
      }
    }
    widths = w;
    StringBuilder head = new StringBuilder();
    StringBuilder rule = new StringBuilder();
    for (int c = 0; c < w.length; c++) {
      head.append(c == 0 ? " " : " | ").append(padded(fields.get(c).name(), w[c], false));
      rule.append(c == 0 ? "-" : "-+-").append("-".repeat(w[c]));
    }
    out.println(head.toString().stripTrailing());
    out.println(rule.append('-'));
    sample.forEach(row -> printRow(row, w));
    sample.clear();
  }

  private void printRow(@Nullable String[] row, int[] w) {
    StringBuilder line = new StringBuilder();
    for (int c = 0; c < row.length; c++) {
      boolean right = fields.get(c).type().isNumeric() && row[c] != null;
      line.append(c == 0 ? " " : " | ").append(padded(text(row[c]), w[c], right));
    }
    out.println(line.toString().stripTrailing());
  }

  private void printExpanded(@Nullable String[] row) {
    int nameWidth = fields.stream().mapToInt(f -> f.name().length()).max().orElse(0);
    out.println("-[ row " + (rows + 1) + " ]" + "-".repeat(Math.max(0, nameWidth)));
    for (int c = 0; c < row.length; c++) {
      out.println(padded(fields.get(c).name(), nameWidth, false) + " | " + text(row[c]));
    }
  }

  private String text(@Nullable String value) {
    return value == null
        ? nullText
        : value.replace("\r", "\\r").replace("\n", "\\n").replace("\t", "\\t");
  }

  private static String padded(String text, int width, boolean right) {
    String space = " ".repeat(Math.max(0, width - text.length()));
    return right ? space + text : text + space;
  }

  @Override
  public void finish() {
    if (!fields.isEmpty()) {
      if (widths == null && !expanded) {
        flushSample();
      }
      out.println("(" + rows + (rows == 1 ? " row)" : " rows)"));
    }
    out.flush();
  }
}
