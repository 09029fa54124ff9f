package dev.sheaf.compute.session;

import dev.sheaf.columnar.expression.Evaluator;
import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.plan.PlannedStatement;
import dev.sheaf.compute.plan.Planner;
import dev.sheaf.compute.sql.Identifier;
import dev.sheaf.compute.sql.ParsedStatement;
import dev.sheaf.compute.sql.Position;
import dev.sheaf.compute.sql.SqlParser;
import dev.sheaf.compute.sql.TableName;
import dev.sheaf.compute.transaction.DmlContext;
import dev.sheaf.compute.transaction.DmlExecutor;
import dev.sheaf.compute.transaction.ParameterRows;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.rpc.sql.SqlSession.IngestTarget;
import dev.sheaf.rpc.sql.SqlSession.IngestTarget.IfExists;
import dev.sheaf.rpc.sql.SqlSession.IngestTarget.IfMissing;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Inserts streams of rows by column name, with defaults and assignment casts. Stateless. */
final class Ingest {
  private Ingest() {}

  static long run(IngestTarget target, List<Field> fields, BatchSource rows, StatementScope scope) {
    var name = new TableName(target.schema(), target.table(), Position.UNKNOWN);
    Optional<TableDescriptor> existing = scope.names().find(name);
    if (existing.isEmpty()) {
      if (target.ifMissing() == IfMissing.FAIL) {
        scope.names().require(name);
      }
      return insert(create(name, fields, false, scope), fields, rows, scope);
    }
    TableDescriptor table =
        switch (target.ifExists()) {
          case FAIL ->
              throw new SheafException(
                  ErrorCode.DUPLICATE_TABLE, "relation \"" + name + "\" already exists");
          case APPEND -> existing.get();
          case REPLACE -> {
            var same = new TableName(existing.get().schema(), target.table(), Position.UNKNOWN);
            yield create(same, fields, true, scope);
          }
        };
    if (target.ifExists() == IfExists.APPEND) {
      scope.requireWritable("ingest", table);
    }
    return insert(table, fields, rows, scope);
  }

  private static TableDescriptor create(
      TableName name, List<Field> fields, boolean replace, StatementScope scope) {
    if (replace) {
      DdlStatements.edit(
          scope,
          editor -> editor.dropTables(new ParsedStatement.DropTable(List.of(name), false, false)));
    }
    var create =
        new ParsedStatement.CreateTable(
            name,
            false,
            fields.stream()
                .map(
                    f -> DdlStatements.column(new Identifier(f.name(), Position.UNKNOWN), f.type()))
                .toList(),
            null,
            List.of(),
            null,
            List.of(),
            true);
    List<TableDescriptor> created = new ArrayList<>();
    DdlStatements.edit(scope, editor -> editor.createTable(create).ifPresent(created::add));
    return created.getFirst();
  }

  /**
   * @param fields the source's columns: each names a column of the table
   * @return rows added
   */
  static long insert(
      TableDescriptor table, List<Field> fields, BatchSource rows, StatementScope scope) {
    requireColumns(table, fields);
    String columns =
        fields.stream().map(f -> ExistingRows.quoted(f.name())).collect(Collectors.joining(", "));
    String parameters =
        IntStream.rangeClosed(1, fields.size())
            .mapToObj(i -> "$" + i)
            .collect(Collectors.joining(", "));
    String sql =
        "INSERT INTO "
            + ExistingRows.quoted(table.schema())
            + "."
            + ExistingRows.quoted(table.name())
            + " ("
            + columns
            + ") VALUES ("
            + parameters
            + ")";
    PlannedStatement planned =
        Planner.plan(SqlParser.parse(sql), scope.currentCatalogView(), scope.settings().planner());
    DmlContext context = scope.dml(scope.execution(new Object[0], null));
    if (!(planned.plan() instanceof PlanNode.Insert insert)) {
      throw new IllegalStateException("INSERT was planned as " + planned.plan().getClass());
    }
    var cast = new CastRows(rows, fields, planned.parameters(), context, scope);
    ParameterRows source = ParameterRows.of(insert.input(), cast, context.expressions());
    if (source == null) {
      throw new IllegalStateException("INSERT ... VALUES was planned with other inputs");
    }
    return DmlExecutor.insert(insert, scope.progress().input(source), context).count();
  }

  private static void requireColumns(TableDescriptor table, List<Field> fields) {
    if (fields.isEmpty()) {
      throw new SheafException(ErrorCode.INVALID_PARAMETER_VALUE, "the source has no columns");
    }
    Set<String> seen = new HashSet<>();
    for (Field field : fields) {
      if (table.column(field.name()).isEmpty()) {
        throw new SheafException(
            ErrorCode.UNDEFINED_COLUMN,
            "column \"" + field.name() + "\" of relation \"" + table.name() + "\" does not exist");
      }
      if (!seen.add(field.name())) {
        throw new SheafException(
            ErrorCode.DUPLICATE_COLUMN, "column \"" + field.name() + "\" comes more than once");
      }
    }
  }

  /** Casts columns to the types of the statement's parameters. Used by one thread. */
  private static final class CastRows implements BatchSource {
    private final BatchSource rows;
    private final List<@Nullable Evaluator> casts = new ArrayList<>();
    private final StatementScope scope;

    CastRows(
        BatchSource rows,
        List<Field> from,
        List<Field> to,
        DmlContext context,
        StatementScope scope) {
      this.rows = rows;
      this.scope = scope;
      for (int i = 0; i < from.size(); i++) {
        var column = new Expr.Column(i, from.get(i).type());
        casts.add(
            from.get(i).type().equals(to.get(i).type())
                ? null
                : context
                    .expressions()
                    .compile(new Expr.Call(Fn.ASSIGN_CAST, List.of(column), to.get(i).type())));
      }
    }

    @Override
    public @Nullable Batch next() {
      scope.checkAlive();
      Batch batch = rows.next();
      if (batch == null) {
        return null;
      }
      Vec[] columns = batch.columns().clone();
      for (int i = 0; i < columns.length; i++) {
        Evaluator cast = casts.get(i);
        if (cast != null) {
          columns[i] = cast.evaluate(batch);
        }
      }
      return new Batch(columns, batch.rows(), batch.selection(), batch.selected());
    }

    @Override
    public void close() {
      rows.close();
    }
  }
}
