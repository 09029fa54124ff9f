package dev.sheaf.cli.client;

import dev.sheaf.columnar.text.TextFormat;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.protocol.type.Field;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects rows as text, for small results that the shell itself asks for. NULL is null. */
public final class RowTexts implements SqlClient.Rows {
  private final List<@Nullable String[]> rows;
  private final TextFormat format = new TextFormat(ZoneOffset.UTC);
  private List<Field> fields = List.of();

  public RowTexts(List<@Nullable String[]> rows) {
    this.rows = rows;
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
      rows.add(row);
    }
  }
}
