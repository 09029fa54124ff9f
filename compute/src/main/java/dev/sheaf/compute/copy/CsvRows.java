package dev.sheaf.compute.copy;

import dev.sheaf.columnar.text.TextParser;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.sql.ParsedStatement.CopyOptions;
import dev.sheaf.compute.storage.VecBuilder;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * CSV as batches of typed columns. Every error names the line. Used by one thread.
 *
 * <p>Errors: those of {@link CsvReader}; 22P04 too few or too many fields; what the text of a value
 * deserves (22P02, 22003, 22007, 22008).
 */
public final class CsvRows implements BatchSource {
  private final CsvReader reader;
  private final List<Field> fields;
  private final TextParser parser;

  /**
   * @param bytes closed with this source
   * @param fields names and types of the columns, in the file's order
   */
  public CsvRows(InputStream bytes, CopyOptions options, List<Field> fields, TextParser parser) {
    this.reader = new CsvReader(bytes, options);
    this.fields = fields;
    this.parser = parser;
    if (options.header()) {
      reader.next();
    }
  }

  @Override
  public @Nullable Batch next() {
    List<VecBuilder> columns =
        fields.stream().map(f -> new VecBuilder(f.type().physical(), 256)).toList();
    int rows = 0;
    while (rows < Batch.MAX_ROWS) {
      List<@Nullable String> record = reader.next();
      if (record == null) {
        break;
      }
      if (record.size() != fields.size()) {
        throw wrongWidth(record.size());
      }
      for (int i = 0; i < record.size(); i++) {
        columns.get(i).append(parse(record.get(i), fields.get(i)));
      }
      rows++;
    }
    return rows == 0
        ? null
        : Batch.of(columns.stream().map(VecBuilder::build).toArray(Vec[]::new), rows);
  }

  private @Nullable Object parse(@Nullable String text, Field field) {
    try {
      return parser.parseNullable(text, field.type());
    } catch (SheafException e) {
      throw new SheafException(
          e.code(),
          "line " + reader.recordLine() + ", column \"" + field.name() + "\": " + e.message(),
          e);
    }
  }

  private SheafException wrongWidth(int found) {
    String what =
        found < fields.size()
            ? "missing data for column \"" + fields.get(found).name() + "\""
            : "extra data after last expected column";
    return new SheafException(
        ErrorCode.BAD_COPY_FILE_FORMAT, "line " + reader.recordLine() + ": " + what);
  }

  @Override
  public void close() {
    reader.close();
  }
}
