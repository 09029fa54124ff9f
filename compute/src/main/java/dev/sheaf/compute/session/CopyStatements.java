package dev.sheaf.compute.session;

import dev.sheaf.columnar.text.TextFormat;
import dev.sheaf.columnar.text.TextParser;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.copy.ArrowFiles;
import dev.sheaf.compute.copy.CsvLines;
import dev.sheaf.compute.copy.CsvRows;
import dev.sheaf.compute.copy.ImportDirectory;
import dev.sheaf.compute.copy.parquet.ParquetWriter;
import dev.sheaf.compute.plan.PlannedStatement;
import dev.sheaf.compute.plan.Planner;
import dev.sheaf.compute.sql.Identifier;
import dev.sheaf.compute.sql.ParsedStatement.CopyFormat;
import dev.sheaf.compute.sql.ParsedStatement.CopyFrom;
import dev.sheaf.compute.sql.ParsedStatement.CopyTo;
import dev.sheaf.compute.storage.VecBuilder;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.sql.SqlSession.SqlResult;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs COPY. All or nothing: a bad line leaves no row, a failed export no file. Stateless. */
final class CopyStatements {
  /** COPY TO STDOUT answers one CSV record per row. */
  static final List<Field> STDOUT = TextRows.fields("copy");

  private CopyStatements() {}

  private static ImportDirectory directory(StatementScope scope) {
    return new ImportDirectory(scope.engine().config.importDirectory());
  }

  static long from(CopyFrom copy, StatementScope scope) {
    if (copy.path() == null) {
      throw new SheafException(ErrorCode.FEATURE_NOT_SUPPORTED, "COPY FROM STDIN is not supported")
          .withHint("Use the client's bulk ingest, or COPY FROM a file on the server.");
    }
    if (copy.options().format() == CopyFormat.PARQUET) {
      throw new SheafException(
              ErrorCode.FEATURE_NOT_SUPPORTED, "COPY FROM Parquet is not supported")
          .withHint("Read the file on the client's side, and send it by bulk ingest.");
    }
    TableDescriptor table = scope.names().require(copy.table());
    scope.requireWritable("COPY FROM", table);
    List<Field> columns = columns(copy, table);
    Path file = directory(scope).existing(copy.path());
    if (copy.options().format() == CopyFormat.CSV) {
      var parser = new TextParser(scope.settings().zone());
      try (var bytes = scope.progress().file(Files.newInputStream(file), Files.size(file));
          var rows = new CsvRows(bytes, copy.options(), columns, parser)) {
        return Ingest.insert(table, columns, rows, scope);
      } catch (IOException e) {
        throw new SheafException(ErrorCode.IO_ERROR, "could not read " + copy.path(), e);
      }
    }
    try (var rows = new ArrowFiles.Source(file)) {
      requireListed(rows.fields(), copy, columns);
      BatchSource watched = scope.progress().file(rows, rows::positionBytes, rows.sizeBytes());
      return Ingest.insert(table, rows.fields(), watched, scope);
    }
  }

  private static List<Field> columns(CopyFrom copy, TableDescriptor table) {
    if (copy.columns().isEmpty()) {
      return table.columns().stream().map(CopyStatements::field).toList();
    }
    return copy.columns().stream().map(name -> field(require(table, name))).toList();
  }

  private static ColumnDescriptor require(TableDescriptor table, Identifier name) {
    return table
        .column(name.name())
        .orElseThrow(() ->
            name.position()
                .error(
                    ErrorCode.UNDEFINED_COLUMN,
                    "column \""
                        + name.name()
                        + "\" of relation \""
                        + table.name()
                        + "\" does not exist"));
  }

  private static Field field(ColumnDescriptor column) {
    return new Field(column.name(), column.type(), column.nullable());
  }

  /** Arrow columns are matched by name; a list of columns must name each of them. */
  private static void requireListed(List<Field> source, CopyFrom copy, List<Field> columns) {
    for (Field field : source) {
      if (!copy.columns().isEmpty()
          && columns.stream().noneMatch(c -> c.name().equals(field.name()))) {
        throw new SheafException(
            ErrorCode.BAD_COPY_FILE_FORMAT,
            "the file has a column \"" + field.name() + "\" that COPY does not list");
      }
    }
  }

  static SqlResult to(CopyTo copy, StatementScope scope) {
    PlannedStatement planned =
        Planner.plan(copy.source(), scope.catalogView(), scope.settings().planner());
    if (!planned.parameters().isEmpty()) {
      throw new SheafException(ErrorCode.FEATURE_NOT_SUPPORTED, "COPY does not take parameters");
    }
    String path = copy.path();
    ImportDirectory directory = directory(scope);
    BatchSource read =
        scope.engine().queries.run(planned.plan(), scope.execution(new Object[0], null));
    BatchSource rows = path == null ? read : scope.progress().counted(read);
    var lines =
        new CsvLines(copy.options(), planned.result(), new TextFormat(scope.settings().zone()));
    if (path == null) {
      if (copy.options().format() != CopyFormat.CSV) {
        rows.close();
        throw new SheafException(ErrorCode.FEATURE_NOT_SUPPORTED, "COPY TO STDOUT writes CSV only")
            .withHint("Run the query itself: its result is Arrow.");
      }
      return new SqlResult.Rows(STDOUT, new LineRows(rows, lines));
    }
    try (rows) {
      long count =
          directory.write(
              path,
              file ->
                  switch (copy.options().format()) {
                    case CSV -> writeCsv(file, rows, lines);
                    case ARROW -> ArrowFiles.write(file, planned.result(), rows);
                    case PARQUET ->
                        ParquetWriter.write(
                            file,
                            planned.result(),
                            rows,
                            "Sheaf version " + scope.engine().config.version(),
                            scope.memory());
                  });
      return new SqlResult.UpdateCount(count);
    }
  }

  private static long writeCsv(Path file, BatchSource rows, CsvLines lines) throws IOException {
    long count = 0;
    try (BufferedWriter out = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
      if (lines.options().header()) {
        out.append(lines.header()).append('\n');
      }
      for (Batch batch = rows.next(); batch != null; batch = rows.next()) {
        for (int i = 0; i < batch.selected(); i++) {
          out.append(lines.line(batch, batch.row(i))).append('\n');
        }
        count += batch.selected();
      }
    }
    return count;
  }

  /** CSV records as rows of one text column. */
  private static final class LineRows implements BatchSource {
    private final BatchSource rows;
    private final CsvLines lines;
    private final Deque<String> first = new ArrayDeque<>();

    LineRows(BatchSource rows, CsvLines lines) {
      this.rows = rows;
      this.lines = lines;
      if (lines.options().header()) {
        first.add(lines.header());
      }
    }

    @Override
    public @Nullable Batch next() {
      Batch batch = rows.next();
      if (batch == null && first.isEmpty()) {
        return null;
      }
      var text = new VecBuilder(PhysicalType.BYTES, Batch.MAX_ROWS);
      if (!first.isEmpty()) {
        text.append(first.remove().getBytes(StandardCharsets.UTF_8));
      }
      for (int i = 0; batch != null && i < batch.selected(); i++) {
        text.append(lines.line(batch, batch.row(i)).getBytes(StandardCharsets.UTF_8));
      }
      return Batch.of(new Vec[] {text.build()}, text.size());
    }

    @Override
    public void close() {
      rows.close();
    }
  }
}
