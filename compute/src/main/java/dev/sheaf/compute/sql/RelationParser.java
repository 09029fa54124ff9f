package dev.sheaf.compute.sql;

import dev.sheaf.compute.sql.SqlQuery.Derived;
import dev.sheaf.compute.sql.SqlQuery.Join;
import dev.sheaf.compute.sql.SqlQuery.JoinType;
import dev.sheaf.compute.sql.SqlQuery.Relation;
import dev.sheaf.compute.sql.SqlQuery.Table;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads FROM: tables, derived tables, joins. */
final class RelationParser {
  private final TokenStream in;
  private final ExpressionParser expressions;
  private final QueryParser queries;

  RelationParser(TokenStream in, ExpressionParser expressions, QueryParser queries) {
    this.in = in;
    this.expressions = expressions;
    this.queries = queries;
  }

  /** Relations separated by commas, as cross joins. */
  Relation list() {
    Relation left = joined();
    while (in.isSymbol(",")) {
      Position position = in.position();
      in.next();
      left = new Join(JoinType.CROSS, left, joined(), null, null, false, position);
    }
    return left;
  }

  private Relation joined() {
    in.enter();
    Relation left = primary();
    while (true) {
      Position position = in.position();
      boolean natural = in.accept("natural");
      @Nullable JoinType type = joinType();
      if (type == null) {
        if (natural) {
          throw in.unexpected();
        }
        in.leave();
        return left;
      }
      Relation right = primary();
      @Nullable SqlExpression on = null;
      @Nullable List<Identifier> using = null;
      if (type != JoinType.CROSS && !natural) {
        // A JOIN b JOIN c ON .. ON ..: the inner pair comes first.
        while (!in.isWord("on") && !in.isWord("using") && startsJoin()) {
          right = nested(right);
        }
        if (in.accept("using")) {
          using = in.identifierList();
        } else {
          in.expect("on");
          on = expressions.expression();
        }
      }
      left = new Join(type, left, right, on, using, natural, position);
    }
  }

  private boolean startsJoin() {
    return in.isWord("join")
        || in.isWord("inner")
        || in.isWord("left")
        || in.isWord("right")
        || in.isWord("full")
        || in.isWord("cross");
  }

  private Relation nested(Relation left) {
    Position position = in.position();
    @Nullable JoinType type = joinType();
    if (type == null) {
      throw in.unexpected();
    }
    Relation right = primary();
    if (type == JoinType.CROSS) {
      return new Join(type, left, right, null, null, false, position);
    }
    if (in.accept("using")) {
      return new Join(type, left, right, null, in.identifierList(), false, position);
    }
    in.expect("on");
    return new Join(type, left, right, expressions.expression(), null, false, position);
  }

  private @Nullable JoinType joinType() {
    if (in.accept("cross", "join")) {
      return JoinType.CROSS;
    }
    if (in.accept("join") || in.accept("inner", "join")) {
      return JoinType.INNER;
    }
    JoinType outer;
    if (in.isWord("left")) {
      outer = JoinType.LEFT;
    } else if (in.isWord("right")) {
      outer = JoinType.RIGHT;
    } else if (in.isWord("full")) {
      outer = JoinType.FULL;
    } else {
      return null;
    }
    in.next();
    in.accept("outer");
    in.expect("join");
    return outer;
  }

  private Relation primary() {
    Position position = in.position();
    boolean lateral = in.accept("lateral");
    if (in.isSymbol("(")) {
      if (in.opensQuery()) {
        SqlQuery query = queries.parenthesised();
        @Nullable Identifier alias = alias();
        return new Derived(query, alias, columns(alias), lateral, position);
      }
      in.next();
      Relation inner = list();
      in.expectSymbol(")");
      if (in.isWord("as") || Keywords.canAlias(in.peek())) {
        throw in.position().unsupported("an alias of a parenthesised join");
      }
      return inner;
    }
    in.accept("only");
    TableName name = in.tableName();
    if (in.isSymbol("(")) {
      throw position.unsupported("a function in FROM");
    }
    @Nullable SqlExpression asOf = asOf();
    @Nullable Identifier alias = alias();
    List<Identifier> columns = columns(alias);
    if (asOf == null) {
      asOf = asOf();
    }
    if (in.isWord("tablesample")) {
      throw in.position().unsupported("TABLESAMPLE");
    }
    return new Table(name, alias, columns, asOf, position);
  }

  private @Nullable SqlExpression asOf() {
    if (!in.areWords("for", "system_time")) {
      return null;
    }
    Position position = in.position();
    in.next();
    in.next();
    if (!in.accept("as", "of")) {
      throw position.unsupported("FOR SYSTEM_TIME other than AS OF");
    }
    return expressions.operand();
  }

  private @Nullable Identifier alias() {
    if (in.areWords("as", "of")) {
      return null;
    }
    if (in.accept("as")) {
      return in.label();
    }
    return Keywords.canAlias(in.peek()) ? in.identifier() : null;
  }

  private List<Identifier> columns(@Nullable Identifier alias) {
    return alias != null && in.isSymbol("(") ? in.identifierList() : List.of();
  }
}
