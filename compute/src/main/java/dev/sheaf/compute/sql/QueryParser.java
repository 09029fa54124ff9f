package dev.sheaf.compute.sql;

import dev.sheaf.compute.sql.SqlQuery.Body;
import dev.sheaf.compute.sql.SqlQuery.Cte;
import dev.sheaf.compute.sql.SqlQuery.Item;
import dev.sheaf.compute.sql.SqlQuery.OrderItem;
import dev.sheaf.compute.sql.SqlQuery.Select;
import dev.sheaf.compute.sql.SqlQuery.SelectItem;
import dev.sheaf.compute.sql.SqlQuery.SetKind;
import dev.sheaf.compute.sql.SqlQuery.SetOperation;
import dev.sheaf.compute.sql.SqlQuery.Star;
import dev.sheaf.compute.sql.SqlQuery.Values;
import dev.sheaf.protocol.error.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads queries: WITH, SELECT, VALUES, set operations, ORDER BY and limits. */
final class QueryParser {
  private final TokenStream in;
  private final ExpressionParser expressions;
  private final RelationParser relations;

  QueryParser(TokenStream in) {
    this.in = in;
    this.expressions = new ExpressionParser(in, this);
    this.relations = new RelationParser(in, expressions, this);
  }

  ExpressionParser expressions() {
    return expressions;
  }

  SqlQuery parenthesised() {
    in.expectSymbol("(");
    SqlQuery query = query();
    in.expectSymbol(")");
    return query;
  }

  SqlQuery query() {
    in.enter();
    Position position = in.position();
    List<Cte> with = with();
    SqlQuery operand = setOperations(0);
    List<OrderItem> orderBy = orderBy();
    @Nullable SqlExpression limit = null;
    @Nullable SqlExpression offset = null;
    while (true) {
      if (limit == null && in.accept("limit")) {
        limit =
            in.accept("all") ? new SqlExpression.NullLiteral(position) : expressions.expression();
        if (in.isSymbol(",")) {
          throw in.unexpected().withHint("Write LIMIT n OFFSET m.");
        }
      } else if (offset == null && in.accept("offset")) {
        offset = expressions.expression();
        if (!in.accept("rows")) {
          in.accept("row");
        }
      } else if (limit == null && in.isWord("fetch")) {
        limit = fetch();
      } else {
        break;
      }
    }
    if (in.isWord("for")) {
      throw in.position().unsupported("SELECT ... FOR UPDATE or FOR SHARE");
    }
    in.leave();
    boolean bare = with.isEmpty() && orderBy.isEmpty() && limit == null && offset == null;
    if (bare) {
      return operand;
    }
    return isPlain(operand)
        ? new SqlQuery(with, operand.body(), orderBy, limit, offset, position)
        : nest(with, operand, orderBy, limit, offset, position);
  }

  private static boolean isPlain(SqlQuery query) {
    return query.with().isEmpty()
        && query.orderBy().isEmpty()
        && query.limit() == null
        && query.offset() == null;
  }

  /** {@code (SELECT ... LIMIT 1) ORDER BY x}: the inner clauses stay inside. */
  private static SqlQuery nest(
      List<Cte> with,
      SqlQuery inner,
      List<OrderItem> orderBy,
      @Nullable SqlExpression limit,
      @Nullable SqlExpression offset,
      Position position) {
    var from = new SqlQuery.Derived(inner, null, List.of(), false, position);
    var body =
        new Select(
            false,
            List.of(new Star(List.of(), position)),
            from,
            null,
            List.of(),
            null,
            List.of(),
            position);
    return new SqlQuery(with, body, orderBy, limit, offset, position);
  }

  private SqlExpression fetch() {
    Position position = in.position();
    in.expect("fetch");
    if (!in.accept("first")) {
      in.expect("next");
    }
    SqlExpression count =
        in.isWord("row") || in.isWord("rows")
            ? new SqlExpression.NumberLiteral("1", position)
            : expressions.operand();
    if (!in.accept("rows")) {
      in.expect("row");
    }
    if (in.areWords("with", "ties")) {
      throw in.position().unsupported("FETCH ... WITH TIES");
    }
    in.expect("only");
    return count;
  }

  List<Cte> with() {
    if (!in.isWord("with")) {
      return List.of();
    }
    in.next();
    boolean recursive = in.accept("recursive");
    var ctes = new ArrayList<Cte>();
    do {
      Identifier name = in.identifier();
      List<Identifier> columns = in.isSymbol("(") ? in.identifierList() : List.of();
      in.expect("as");
      in.accept("not");
      in.accept("materialized");
      if (in.peek(1).isWord("insert")
          || in.peek(1).isWord("update")
          || in.peek(1).isWord("delete")) {
        throw in.peek(1).position().unsupported("a data-changing statement in WITH");
      }
      if (ctes.stream().anyMatch(c -> c.name().name().equals(name.name()))) {
        throw name.position()
            .error(
                ErrorCode.DUPLICATE_ALIAS,
                "WITH query name \"" + name.name() + "\" specified more than once");
      }
      ctes.add(new Cte(name, columns, parenthesised(), recursive));
      if (in.isWord("search") || in.isWord("cycle")) {
        throw in.position().unsupported("SEARCH or CYCLE of a WITH query");
      }
    } while (in.acceptSymbol(","));
    return ctes;
  }

  /** UNION and EXCEPT bind alike (0), INTERSECT tighter (1). */
  private SqlQuery setOperations(int level) {
    SqlQuery left = level == 1 ? operand() : setOperations(1);
    while (true) {
      Position position = in.position();
      @Nullable SetKind kind = setKind(level);
      if (kind == null) {
        return left;
      }
      in.next();
      boolean all = in.accept("all");
      if (!all) {
        in.accept("distinct");
      }
      if (in.isWord("corresponding")) {
        throw in.position().unsupported("CORRESPONDING");
      }
      SqlQuery right = level == 1 ? operand() : setOperations(1);
      left = plain(new SetOperation(kind, all, left, right, position));
    }
  }

  private @Nullable SetKind setKind(int level) {
    if (level == 1) {
      return in.isWord("intersect") ? SetKind.INTERSECT : null;
    }
    if (in.isWord("union")) {
      return SetKind.UNION;
    }
    return in.isWord("except") ? SetKind.EXCEPT : null;
  }

  private static SqlQuery plain(Body body) {
    return new SqlQuery(List.of(), body, List.of(), null, null, body.position());
  }

  private SqlQuery operand() {
    Position position = in.position();
    if (in.isSymbol("(")) {
      return parenthesised();
    }
    if (in.accept("values")) {
      return plain(new Values(rows(), position));
    }
    if (in.accept("table")) {
      var table = new SqlQuery.Table(in.tableName(), null, List.of(), null, position);
      return plain(
          new Select(
              false,
              List.of(new Star(List.of(), position)),
              table,
              null,
              List.of(),
              null,
              List.of(),
              position));
    }
    in.expect("select");
    return plain(select(position));
  }

  private List<List<SqlExpression>> rows() {
    var rows = new ArrayList<List<SqlExpression>>();
    do {
      in.expectSymbol("(");
      rows.add(expressions.list());
      in.expectSymbol(")");
    } while (in.acceptSymbol(","));
    return rows;
  }

  private Select select(Position position) {
    boolean distinct = in.accept("distinct");
    if (distinct && in.isWord("on")) {
      throw in.position().unsupported("DISTINCT ON");
    }
    if (!distinct) {
      in.accept("all");
    }
    List<SelectItem> items = endsSelectList() ? List.of() : selectItems();
    if (in.isWord("into")) {
      throw in.position().unsupported("SELECT INTO").withHint("Use CREATE TABLE ... AS.");
    }
    SqlQuery.@Nullable Relation from = in.accept("from") ? relations.list() : null;
    @Nullable SqlExpression where = in.accept("where") ? expressions.expression() : null;
    List<SqlQuery.GroupItem> groupBy =
        in.accept("group", "by") ? new GroupByParser(in, expressions).clause() : List.of();
    @Nullable SqlExpression having = in.accept("having") ? expressions.expression() : null;
    List<SqlWindow.Named> windows =
        in.accept("window") ? new WindowParser(in, expressions, this).clause() : List.of();
    return new Select(distinct, items, from, where, groupBy, having, windows, position);
  }

  private boolean endsSelectList() {
    return in.isWord("from")
        || in.isSymbol(")")
        || in.isWord("window")
        || in.peek().kind() == Token.Kind.END
        || Keywords.continuesQuery(in.peek());
  }

  /** The select list, or what follows RETURNING. */
  List<SelectItem> selectItems() {
    var items = new ArrayList<SelectItem>();
    do {
      items.add(selectItem());
    } while (in.acceptSymbol(","));
    return items;
  }

  private SelectItem selectItem() {
    Position position = in.position();
    if (in.acceptSymbol("*")) {
      return new Star(List.of(), position);
    }
    int dots = 1;
    while (Keywords.canName(in.peek(dots - 1)) && in.peek(dots).isSymbol(".")) {
      if (in.peek(dots + 1).isSymbol("*")) {
        var qualifier = new ArrayList<String>();
        do {
          qualifier.add(in.label().name());
          in.expectSymbol(".");
        } while (!in.acceptSymbol("*"));
        return new Star(List.copyOf(qualifier), position);
      }
      dots += 2;
    }
    SqlExpression expression = expressions.expression();
    if (in.accept("as")) {
      return new Item(expression, in.label());
    }
    return new Item(expression, Keywords.canAlias(in.peek()) ? in.identifier() : null);
  }

  List<OrderItem> orderBy() {
    if (!in.accept("order", "by")) {
      return List.of();
    }
    var items = new ArrayList<OrderItem>();
    do {
      SqlExpression expression = expressions.expression();
      if (in.isWord("using")) {
        throw in.position().unsupported("ORDER BY ... USING");
      }
      boolean descending = in.accept("desc");
      if (!descending) {
        in.accept("asc");
      }
      @Nullable Boolean nullsFirst = null;
      if (in.accept("nulls", "first")) {
        nullsFirst = true;
      } else if (in.accept("nulls", "last")) {
        nullsFirst = false;
      }
      items.add(new OrderItem(expression, descending, nullsFirst));
    } while (in.acceptSymbol(","));
    return items;
  }
}
