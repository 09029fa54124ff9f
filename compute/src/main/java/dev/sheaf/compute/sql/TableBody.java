package dev.sheaf.compute.sql;

import dev.sheaf.compute.sql.ParsedStatement.CheckDefinition;
import dev.sheaf.compute.sql.ParsedStatement.ColumnDefinition;
import dev.sheaf.compute.sql.ParsedStatement.PrimaryKey;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads and gathers the columns and constraints of one table definition. */
final class TableBody {
  private final TokenStream in;
  private final ExpressionParser expressions;
  private final List<ColumnDefinition> columns = new ArrayList<>();
  private final List<CheckDefinition> checks = new ArrayList<>();
  private @Nullable PrimaryKey primaryKey;

  TableBody(TokenStream in, ExpressionParser expressions) {
    this.in = in;
    this.expressions = expressions;
  }

  List<ColumnDefinition> columns() {
    return List.copyOf(columns);
  }

  List<CheckDefinition> checks() {
    return List.copyOf(checks);
  }

  @Nullable PrimaryKey primaryKey() {
    return primaryKey;
  }

  /** A column or a table constraint. */
  void element() {
    boolean constraint =
        in.isWord("constraint")
            || in.isWord("primary")
            || in.isWord("check")
            || in.isWord("unique")
            || in.isWord("foreign")
            || in.isWord("exclude");
    if (constraint && in.peek().kind() == Token.Kind.WORD) {
      @Nullable Identifier name = in.accept("constraint") ? in.identifier() : null;
      tableConstraint(name);
    } else if (in.isWord("like")) {
      throw in.position().unsupported("CREATE TABLE ... LIKE");
    } else {
      column();
    }
  }

  private void tableConstraint(@Nullable Identifier name) {
    Position position = in.position();
    if (in.accept("primary", "key")) {
      setPrimaryKey(new PrimaryKey(name, in.identifierList()), position);
    } else if (in.isWord("check")) {
      check(name, null);
    } else {
      refuseConstraint();
    }
  }

  private void column() {
    Identifier name = in.identifier();
    if (columns.stream().anyMatch(c -> c.name().name().equals(name.name()))) {
      throw name.position()
          .error(
              ErrorCode.DUPLICATE_COLUMN,
              "column \"" + name.name() + "\" specified more than once");
    }
    SqlType type = new TypeParser(in).type();
    boolean nullable = true;
    @Nullable String defaultSql = null;
    Position defaultPosition = Position.UNKNOWN;
    while (in.peek().kind() == Token.Kind.WORD) {
      @Nullable Identifier constraint = in.accept("constraint") ? in.identifier() : null;
      Position position = in.position();
      if (in.accept("not", "null")) {
        nullable = false;
      } else if (in.accept("null")) {
        continue;
      } else if (in.accept("default")) {
        defaultPosition = in.position();
        int start = in.offset();
        expressions.operand();
        defaultSql = in.textSince(start);
      } else if (in.accept("primary", "key")) {
        setPrimaryKey(new PrimaryKey(constraint, List.of(name)), position);
      } else if (in.isWord("check")) {
        check(constraint, name);
      } else {
        refuseConstraint();
      }
    }
    columns.add(new ColumnDefinition(name, type, nullable, defaultSql, defaultPosition));
  }

  private void setPrimaryKey(PrimaryKey key, Position position) {
    if (primaryKey != null) {
      throw position.error(
          ErrorCode.INVALID_TABLE_DEFINITION, "a table has at most one primary key");
    }
    primaryKey = key;
  }

  private void check(@Nullable Identifier name, @Nullable Identifier column) {
    Position position = in.position();
    in.expect("check");
    in.expectSymbol("(");
    int start = in.offset();
    expressions.expression();
    String text = in.textSince(start);
    in.expectSymbol(")");
    checks.add(new CheckDefinition(name, column, text, position));
  }

  private void refuseConstraint() {
    Position position = in.position();
    switch (in.peek().text()) {
      case "unique" ->
          throw position
              .unsupported("a UNIQUE constraint")
              .withHint("A table's PRIMARY KEY is its one unique constraint.");
      case "references", "foreign" -> throw position.unsupported("a foreign key");
      case "exclude" -> throw position.unsupported("an EXCLUDE constraint");
      case "generated", "identity" -> throw position.unsupported("a generated column");
      case "collate" -> throw position.unsupported("COLLATE");
      case "deferrable", "initially" -> throw position.unsupported("a deferrable constraint");
      default -> throw in.unexpected();
    }
  }
}
