package dev.sheaf.compute.sql;

import dev.sheaf.compute.sql.ParsedStatement.Assignment;
import dev.sheaf.compute.sql.ParsedStatement.Delete;
import dev.sheaf.compute.sql.ParsedStatement.Insert;
import dev.sheaf.compute.sql.ParsedStatement.OnConflict;
import dev.sheaf.compute.sql.ParsedStatement.Truncate;
import dev.sheaf.compute.sql.ParsedStatement.Update;
import dev.sheaf.compute.sql.SqlQuery.SelectItem;
import dev.sheaf.protocol.error.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads INSERT, UPDATE, DELETE and TRUNCATE. */
final class DmlParser {
  private final TokenStream in;
  private final QueryParser queries;

  DmlParser(TokenStream in, QueryParser queries) {
    this.in = in;
    this.queries = queries;
  }

  Insert insert() {
    in.expect("insert", "into");
    TableName table = in.tableName();
    @Nullable Identifier alias = in.accept("as") ? in.label() : null;
    List<Identifier> columns = List.of();
    if (in.isSymbol("(") && !in.opensQuery()) {
      columns = in.identifierList();
    }
    if (in.isWord("overriding")) {
      throw in.position().unsupported("OVERRIDING");
    }
    @Nullable SqlQuery source = in.accept("default", "values") ? null : queries.query();
    @Nullable OnConflict conflict = onConflict();
    return new Insert(table, alias, columns, source, conflict, returning(), in.parameters());
  }

  private @Nullable OnConflict onConflict() {
    Position position = in.position();
    if (!in.accept("on", "conflict")) {
      return null;
    }
    List<Identifier> target = List.of();
    if (in.isSymbol("(")) {
      target = in.identifierList();
    } else if (in.areWords("on", "constraint")) {
      throw in.position()
          .unsupported("ON CONFLICT ON CONSTRAINT")
          .withHint("Name the primary key's columns: ON CONFLICT (id).");
    }
    if (in.isWord("where")) {
      throw in.position().unsupported("a partial index in ON CONFLICT");
    }
    in.expect("do");
    if (in.accept("nothing")) {
      return new OnConflict(target, null, null, position);
    }
    in.expect("update", "set");
    List<Assignment> update = assignments();
    @Nullable SqlExpression where = in.accept("where") ? queries.expressions().expression() : null;
    return new OnConflict(target, update, where, position);
  }

  Update update() {
    in.expect("update");
    in.accept("only");
    TableName table = in.tableName();
    @Nullable Identifier alias = alias();
    in.expect("set");
    List<Assignment> assignments = assignments();
    if (in.isWord("from")) {
      throw in.position()
          .unsupported("UPDATE ... FROM")
          .withHint("Use a subquery in SET and WHERE.");
    }
    @Nullable SqlExpression where = where();
    return new Update(table, alias, assignments, where, returning(), in.parameters());
  }

  private List<Assignment> assignments() {
    var assignments = new ArrayList<Assignment>();
    do {
      if (in.isSymbol("(")) {
        assignRow(assignments);
      } else {
        Identifier column = in.identifier();
        if (in.isSymbol(".") || in.isSymbol("[")) {
          throw in.unexpected();
        }
        in.expectSymbol("=");
        assignments.add(new Assignment(column, queries.expressions().expression()));
      }
    } while (in.acceptSymbol(","));
    return assignments;
  }

  /** {@code (a, b) = (1, 2)}. */
  private void assignRow(List<Assignment> assignments) {
    List<Identifier> columns = in.identifierList();
    in.expectSymbol("=");
    Position position = in.position();
    SqlExpression value = queries.expressions().expression();
    if (value instanceof SqlExpression.ScalarQuery) {
      throw position.unsupported("assigning several columns from one subquery");
    }
    List<SqlExpression> values =
        value instanceof SqlExpression.Row row ? row.values() : List.of(value);
    if (values.size() != columns.size()) {
      throw position.error(
          ErrorCode.SYNTAX_ERROR, "number of columns does not match number of values");
    }
    for (int i = 0; i < columns.size(); i++) {
      assignments.add(new Assignment(columns.get(i), values.get(i)));
    }
  }

  Delete delete() {
    in.expect("delete", "from");
    in.accept("only");
    TableName table = in.tableName();
    @Nullable Identifier alias = alias();
    if (in.isWord("using")) {
      throw in.position().unsupported("DELETE ... USING").withHint("Use a subquery in WHERE.");
    }
    @Nullable SqlExpression where = where();
    return new Delete(table, alias, where, returning(), in.parameters());
  }

  Truncate truncate() {
    in.expect("truncate");
    in.accept("table");
    in.accept("only");
    var tables = new ArrayList<TableName>();
    do {
      tables.add(in.tableName());
    } while (in.acceptSymbol(","));
    if (in.accept("restart", "identity") || in.isWord("cascade")) {
      throw in.position().unsupported("TRUNCATE with RESTART IDENTITY or CASCADE");
    }
    in.accept("continue", "identity");
    in.accept("restrict");
    return new Truncate(tables);
  }

  private @Nullable SqlExpression where() {
    if (!in.accept("where")) {
      return null;
    }
    if (in.areWords("current", "of")) {
      throw in.position().unsupported("WHERE CURRENT OF");
    }
    return queries.expressions().expression();
  }

  private @Nullable Identifier alias() {
    if (in.accept("as")) {
      return in.label();
    }
    return Keywords.canAlias(in.peek()) ? in.identifier() : null;
  }

  private List<SelectItem> returning() {
    return in.accept("returning") ? queries.selectItems() : List.of();
  }
}
