package dev.sheaf.compute.session;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.storage.VecBuilder;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.protocol.type.SqlType;
import dev.sheaf.rpc.sql.SqlSession.SqlResult;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Small results of text columns: SHOW, EXPLAIN. */
final class TextRows {
  private TextRows() {}

  static List<Field> fields(String... names) {
    return Arrays.stream(names).map(name -> new Field(name, SqlType.TEXT, false)).toList();
  }

  static SqlResult.Rows rows(List<Field> fields, List<List<String>> rows) {
    Vec[] columns = new Vec[fields.size()];
    for (int i = 0; i < columns.length; i++) {
      var builder = new VecBuilder(PhysicalType.BYTES, rows.size());
      for (List<String> row : rows) {
        builder.append(row.get(i).getBytes(StandardCharsets.UTF_8));
      }
      columns[i] = builder.build();
    }
    return new SqlResult.Rows(fields, ResultRows.of(List.of(Batch.of(columns, rows.size()))));
  }
}
