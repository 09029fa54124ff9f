package dev.sheaf.systemtests.slt;

import dev.sheaf.columnar.text.TextFormat;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.sql.SqlSession;
import dev.sheaf.rpc.sql.SqlSession.SqlResult;
import dev.sheaf.systemtests.inprocess.InProcessSheaf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Sheaf in this process, with an empty database. */
final class SheafEngine implements Engine {
  private static final TextFormat TEXT = new TextFormat(ZoneOffset.UTC);
  private static final long SEED = 1;

  private final Path scratch;
  private final InProcessSheaf sheaf;

  SheafEngine() {
    try {
      scratch = Files.createTempDirectory("sheaf-slt");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    sheaf = new InProcessSheaf(scratch, SEED);
  }

  @Override
  public String name() {
    return "sheaf";
  }

  @Override
  public Result run(String sql) {
    try {
      return switch (sheaf.session().execute(sql, null, SqlSession.Cancel.NEVER)) {
        case SqlResult.UpdateCount count -> new Changed(count.rows());
        case SqlResult.Rows rows -> read(rows);
      };
    } catch (SheafException e) {
      return new Failed(e.sqlState(), e.message());
    }
  }

  private static Rows read(SqlResult.Rows rows) {
    List<List<String>> read = new ArrayList<>();
    int columns = rows.fields().size();
    try (BatchSource batches = rows.batches()) {
      for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
        for (int i = 0; i < batch.selected(); i++) {
          List<String> row = new ArrayList<>();
          for (int c = 0; c < columns; c++) {
            Object value = batch.column(c).value(batch.row(i));
            row.add(value == null ? null : TEXT.format(value, rows.fields().get(c).type()));
          }
          read.add(row);
        }
      }
    }
    return new Rows(columns, read);
  }

  @Override
  public void close() {
    sheaf.close();
    try (Stream<Path> files = Files.walk(scratch)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
