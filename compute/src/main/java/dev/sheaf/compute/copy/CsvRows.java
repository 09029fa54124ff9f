package dev.sheaf.compute.copy;

import dev.sheaf.columnar.text.TextParser;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.sql.ParsedStatement.CopyOptions;
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
  /** A batch of long rows ends early. */
  private static final int MAX_BATCH_BYTES = 4 << 20;

  private final CsvReader reader;
  private final List<Field> fields;
  private final CsvColumn[] columns;

  /**
   * @param bytes closed with this source
   * @param fields names and types of the columns, in the file's order
   */
  public CsvRows(InputStream bytes, CopyOptions options, List<Field> fields, TextParser parser) {
    this.reader = new CsvReader(bytes, options);
    this.fields = fields;
    this.columns =
        fields.stream().map(field -> new CsvColumn(field, parser)).toArray(CsvColumn[]::new);
    if (options.header()) {
      reader.next();
    }
  }

  @Override
  public @Nullable Batch next() {
    int rows = 0;
    long bytes = 0;
    while (rows < Batch.MAX_ROWS && bytes < MAX_BATCH_BYTES && reader.next()) {
      if (reader.width() != columns.length) {
        throw wrongWidth(reader.width());
      }
      for (int i = 0; i < columns.length; i++) {
        columns[i].append(reader, i);
      }
      bytes += reader.end(columns.length - 1) - reader.start(0);
      rows++;
    }
    if (rows == 0) {
      return null;
    }
    Vec[] vectors = new Vec[columns.length];
    for (int i = 0; i < columns.length; i++) {
      vectors[i] = columns[i].take();
    }
    return Batch.of(vectors, rows);
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
