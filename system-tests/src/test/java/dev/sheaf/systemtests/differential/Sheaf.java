package dev.sheaf.systemtests.differential;

import dev.sheaf.columnar.text.TextFormat;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import dev.sheaf.rpc.sql.SqlSession;
import dev.sheaf.rpc.sql.SqlSession.SqlResult;
import dev.sheaf.systemtests.inprocess.InProcessSheaf;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** Sheaf in this process: answers of its one session. */
final class Sheaf implements AutoCloseable {
  private static final TextFormat TEXT = new TextFormat(ZoneOffset.UTC);

  private final InProcessSheaf sheaf;

  /**
   * @param scratch an empty folder
   */
  Sheaf(Path scratch, long seed) {
    sheaf = new InProcessSheaf(scratch, seed);
  }

  void flush() {
    sheaf.flush();
  }

  Answer run(String sql) {
    try {
      String text = sql.replace(Expressions.INTEGER_DIVISION, "/");
      return switch (sheaf.session().execute(text, null, SqlSession.Cancel.NEVER)) {
        case SqlResult.UpdateCount count ->
            Answer.of(List.of(List.of(BigDecimal.valueOf(count.rows()))));
        case SqlResult.Rows rows -> Answer.of(read(rows));
      };
    } catch (SheafException e) {
      return Answer.failure(e.sqlState(), e.message() + trace(e));
    } catch (RuntimeException e) {
      return Answer.failure("XX000", e + trace(e));
    }
  }

  private static String trace(RuntimeException e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root == e
        ? ""
        : " by "
            + root
            + " at "
            + List.of(root.getStackTrace()).stream()
                .limit(Integer.getInteger("diff.trace", 14))
                .toList();
  }

  private static List<List<Object>> read(SqlResult.Rows rows) {
    List<List<Object>> read = new ArrayList<>();
    try (BatchSource batches = rows.batches()) {
      for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
        for (int i = 0; i < batch.selected(); i++) {
          List<Object> row = new ArrayList<>();
          for (int c = 0; c < rows.fields().size(); c++) {
            row.add(normal(batch.column(c).value(batch.row(i)), rows.fields().get(c)));
          }
          read.add(row);
        }
      }
    }
    return read;
  }

  private static Object normal(Object value, Field field) {
    SqlType type = field.type();
    if (value == null) {
      return null;
    }
    return switch (type.kind()) {
      case BOOLEAN, REAL, DOUBLE -> value;
      case SMALLINT, INTEGER, BIGINT, DECIMAL -> new BigDecimal(TEXT.format(value, type));
      default -> TEXT.format(value, type);
    };
  }

  @Override
  public void close() {
    sheaf.close();
  }
}
