package dev.sheaf.compute.sql;

import dev.sheaf.compute.sql.ParsedStatement.AlterAction;
import dev.sheaf.compute.sql.ParsedStatement.AlterTable;
import dev.sheaf.compute.sql.ParsedStatement.CheckDefinition;
import dev.sheaf.compute.sql.ParsedStatement.ColumnDefinition;
import dev.sheaf.compute.sql.ParsedStatement.CreateSchema;
import dev.sheaf.compute.sql.ParsedStatement.CreateTable;
import dev.sheaf.compute.sql.ParsedStatement.DropSchema;
import dev.sheaf.compute.sql.ParsedStatement.DropTable;
import dev.sheaf.compute.sql.ParsedStatement.Query;
import dev.sheaf.protocol.error.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Reads CREATE, DROP and ALTER. */
final class DdlParser {
  private final TokenStream in;
  private final QueryParser queries;

  DdlParser(TokenStream in, QueryParser queries) {
    this.in = in;
    this.queries = queries;
  }

  ParsedStatement create() {
    Position position = in.position();
    in.expect("create");
    if (in.accept("schema")) {
      boolean ifNotExists = in.accept("if", "not", "exists");
      Identifier name = in.identifier();
      if (in.isWord("authorization")) {
        throw in.position().unsupported("AUTHORIZATION");
      }
      return new CreateSchema(name, ifNotExists);
    }
    if (in.accept("table")) {
      return createTable();
    }
    throw position.unsupported("CREATE " + in.peek().text().toUpperCase(Locale.ROOT));
  }

  private CreateTable createTable() {
    boolean ifNotExists = in.accept("if", "not", "exists");
    TableName table = in.tableName();
    if (in.accept("as")) {
      return as(table, ifNotExists, List.of());
    }
    if (in.isSymbol("(") && namesOnly()) {
      List<Identifier> names = in.identifierList();
      in.expect("as");
      return as(table, ifNotExists, names);
    }
    in.expectSymbol("(");
    var body = new TableBody(in, queries.expressions());
    do {
      body.element();
    } while (in.acceptSymbol(","));
    in.expectSymbol(")");
    if (in.peek().kind() == Token.Kind.WORD && !in.isWord("as")) {
      throw in.position()
          .unsupported("CREATE TABLE ... " + in.peek().text().toUpperCase(Locale.ROOT));
    }
    return new CreateTable(
        table,
        ifNotExists,
        body.columns(),
        body.primaryKey(),
        body.checks(),
        null,
        List.of(),
        true);
  }

  /** {@code (a, b) AS}: names without types. */
  private boolean namesOnly() {
    Token after = in.peek(2);
    return after.isSymbol(",") || after.isSymbol(")");
  }

  private CreateTable as(TableName table, boolean ifNotExists, List<Identifier> names) {
    Query query = new Query(queries.query(), in.parameters());
    boolean withData = true;
    if (in.accept("with", "no", "data")) {
      withData = false;
    } else {
      in.accept("with", "data");
    }
    return new CreateTable(table, ifNotExists, List.of(), null, List.of(), query, names, withData);
  }

  ParsedStatement drop() {
    Position position = in.position();
    in.expect("drop");
    if (in.accept("schema")) {
      boolean ifExists = in.accept("if", "exists");
      Identifier name = in.identifier();
      return new DropSchema(name, ifExists, cascade());
    }
    if (in.accept("table")) {
      boolean ifExists = in.accept("if", "exists");
      var tables = new ArrayList<TableName>();
      do {
        tables.add(in.tableName());
      } while (in.acceptSymbol(","));
      return new DropTable(tables, ifExists, cascade());
    }
    throw position.unsupported("DROP " + in.peek().text().toUpperCase(Locale.ROOT));
  }

  private boolean cascade() {
    boolean cascade = in.accept("cascade");
    if (!cascade) {
      in.accept("restrict");
    }
    return cascade;
  }

  ParsedStatement alter() {
    Position position = in.position();
    in.expect("alter");
    if (!in.accept("table")) {
      throw position.unsupported("ALTER " + in.peek().text().toUpperCase(Locale.ROOT));
    }
    boolean ifExists = in.accept("if", "exists");
    in.accept("only");
    TableName table = in.tableName();
    AlterAction action = action();
    if (in.isSymbol(",")) {
      throw in.position().unsupported("several actions in one ALTER TABLE");
    }
    return new AlterTable(table, ifExists, action);
  }

  private AlterAction action() {
    Token verb = in.peek();
    if (in.accept("add")) {
      return add();
    }
    if (in.accept("drop")) {
      if (in.accept("constraint")) {
        boolean ifExists = in.accept("if", "exists");
        Identifier name = in.identifier();
        cascade();
        return new AlterAction.DropConstraint(name, ifExists);
      }
      in.accept("column");
      boolean ifExists = in.accept("if", "exists");
      Identifier column = in.identifier();
      cascade();
      return new AlterAction.DropColumn(column, ifExists);
    }
    if (in.accept("rename")) {
      if (in.accept("to")) {
        return new AlterAction.RenameTable(in.identifier());
      }
      if (in.isWord("constraint")) {
        throw in.position().unsupported("RENAME CONSTRAINT");
      }
      in.accept("column");
      Identifier column = in.identifier();
      in.expect("to");
      return new AlterAction.RenameColumn(column, in.identifier());
    }
    if (in.accept("alter")) {
      in.accept("column");
      return alterColumn(in.identifier());
    }
    throw verb.kind() == Token.Kind.WORD
        ? verb.position().unsupported("ALTER TABLE ... " + verb.text().toUpperCase(Locale.ROOT))
        : in.unexpected();
  }

  private AlterAction add() {
    Position position = in.position();
    var body = new TableBody(in, queries.expressions());
    if (in.isWord("constraint")
        || in.isWord("check")
        || in.isWord("primary")
        || in.isWord("unique")
        || in.isWord("foreign")) {
      body.element();
      if (body.primaryKey() != null) {
        throw position.unsupported("adding a primary key to an existing table");
      }
      CheckDefinition check = body.checks().getFirst();
      return new AlterAction.AddCheck(check);
    }
    in.accept("column");
    boolean ifNotExists = in.accept("if", "not", "exists");
    body.element();
    if (body.columns().isEmpty()) {
      throw position.error(ErrorCode.SYNTAX_ERROR, "ADD COLUMN needs a column");
    }
    if (body.primaryKey() != null) {
      throw position.unsupported("adding a primary key to an existing table");
    }
    ColumnDefinition column = body.columns().getFirst();
    return new AlterAction.AddColumn(column, ifNotExists, body.checks());
  }

  private AlterAction alterColumn(Identifier column) {
    Position position = in.position();
    if (in.accept("set", "default")) {
      int start = in.offset();
      Position at = in.position();
      queries.expressions().expression();
      return new AlterAction.SetDefault(column, in.textSince(start), at);
    }
    if (in.accept("drop", "default")) {
      return new AlterAction.DropDefault(column);
    }
    if (in.accept("set", "not", "null")) {
      return new AlterAction.SetNotNull(column);
    }
    if (in.accept("drop", "not", "null")) {
      return new AlterAction.DropNotNull(column);
    }
    if (in.isWord("type") || in.areWords("set", "data")) {
      throw position.unsupported("changing a column's type");
    }
    throw in.unexpected();
  }
}
