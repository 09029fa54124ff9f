package dev.sheaf.compute.copy;

import dev.sheaf.columnar.text.TextFormat;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.compute.sql.ParsedStatement.CopyOptions;
import dev.sheaf.protocol.type.Field;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes rows as CSV records, quoting only what needs it. Immutable and thread-safe. */
public record CsvLines(CopyOptions options, List<Field> fields, TextFormat format) {

  /** The names of the columns, without a line end. */
  public String header() {
    return fields.stream()
        .map(field -> quoted(field.name()))
        .collect(Collectors.joining(Character.toString(options.delimiter())));
  }

  /** Physical row {@code row} of a batch, without a line end. */
  public String line(Batch batch, int row) {
    var line = new StringBuilder();
    for (int i = 0; i < fields.size(); i++) {
      if (i > 0) {
        line.append(options.delimiter());
      }
      @Nullable Object value = batch.column(i).value(row);
      line.append(
          value == null ? options.nullText() : quoted(format.format(value, fields.get(i).type())));
    }
    return line.toString();
  }

  /** Text equal to the null text is quoted, so that it does not read as NULL. */
  private String quoted(String text) {
    boolean needsQuotes =
        text.equals(options.nullText())
            || text.indexOf(options.delimiter()) >= 0
            || text.indexOf(options.quote()) >= 0
            || text.indexOf('\n') >= 0
            || text.indexOf('\r') >= 0;
    if (!needsQuotes) {
      return text;
    }
    String quote = Character.toString(options.quote());
    return quote + text.replace(quote, quote + quote) + quote;
  }
}
