package dev.sheaf.compute.sql;

import dev.sheaf.compute.sql.SqlExpression.BooleanLiteral;
import dev.sheaf.compute.sql.SqlExpression.Call;
import dev.sheaf.compute.sql.SqlExpression.Case;
import dev.sheaf.compute.sql.SqlExpression.Cast;
import dev.sheaf.compute.sql.SqlExpression.Default;
import dev.sheaf.compute.sql.SqlExpression.Exists;
import dev.sheaf.compute.sql.SqlExpression.Name;
import dev.sheaf.compute.sql.SqlExpression.NullLiteral;
import dev.sheaf.compute.sql.SqlExpression.NumberLiteral;
import dev.sheaf.compute.sql.SqlExpression.Parameter;
import dev.sheaf.compute.sql.SqlExpression.Row;
import dev.sheaf.compute.sql.SqlExpression.ScalarQuery;
import dev.sheaf.compute.sql.SqlExpression.StringLiteral;
import dev.sheaf.compute.sql.SqlExpression.When;
import dev.sheaf.compute.sql.Token.Kind;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what operators stand between: literals, names, calls, CASE, parentheses. */
final class PrimaryParser {
  private final TokenStream in;
  private final ExpressionParser expressions;
  private final QueryParser queries;
  private final TypeParser types;
  private final SpecialForms forms;

  PrimaryParser(
      TokenStream in, ExpressionParser expressions, QueryParser queries, TypeParser types) {
    this.in = in;
    this.expressions = expressions;
    this.queries = queries;
    this.types = types;
    this.forms = new SpecialForms(in, expressions);
  }

  SqlExpression primary() {
    Token token = in.peek();
    return switch (token.kind()) {
      case NUMBER -> {
        in.next();
        yield new NumberLiteral(token.text(), token.position());
      }
      case STRING -> {
        in.next();
        yield new StringLiteral(token.text(), token.position());
      }
      case PARAMETER -> new Parameter(in.parameter(), token.position());
      case WORD -> word(token);
      case QUOTED -> nameOrCall();
      case SYMBOL -> {
        if (!token.isSymbol("(")) {
          throw in.unexpected();
        }
        yield parenthesis(token.position());
      }
      case END -> throw in.unexpected();
    };
  }

  private SqlExpression parenthesis(Position position) {
    if (in.opensQuery()) {
      return new ScalarQuery(queries.parenthesised(), position);
    }
    in.expectSymbol("(");
    List<SqlExpression> values = expressions.list();
    in.expectSymbol(")");
    return values.size() == 1 ? values.getFirst() : new Row(values, position);
  }

  private SqlExpression word(Token token) {
    Position position = token.position();
    switch (token.text()) {
      case "null" -> {
        in.next();
        return new NullLiteral(position);
      }
      case "true", "false" -> {
        in.next();
        return new BooleanLiteral(token.text().equals("true"), position);
      }
      case "default" -> {
        in.next();
        return new Default(position);
      }
      case "case" -> {
        return caseExpression(position);
      }
      case "cast" -> {
        in.next();
        in.expectSymbol("(");
        SqlExpression operand = expressions.expression();
        in.expect("as");
        SqlType type = types.type();
        in.expectSymbol(")");
        return new Cast(operand, type, position);
      }
      case "exists" -> {
        if (in.peek(1).isSymbol("(")) {
          in.next();
          if (!in.opensQuery()) {
            throw in.peek(1)
                .position()
                .error(ErrorCode.SYNTAX_ERROR, "EXISTS needs a query in parentheses");
          }
          return new Exists(queries.parenthesised(), position);
        }
        return nameOrCall();
      }
      case "array" -> throw position.unsupported("an array");
      case "row" -> {
        if (in.peek(1).isSymbol("(")) {
          in.next();
          in.next();
          List<SqlExpression> values = in.isSymbol(")") ? List.of() : expressions.list();
          in.expectSymbol(")");
          return new Row(values, position);
        }
        return nameOrCall();
      }
      case "interval" -> {
        if (in.peek(1).kind() == Kind.STRING) {
          in.next();
          return IntervalParser.parse(in.string(), in, position);
        }
        return nameOrCall();
      }
      default -> {
        return typedLiteralOr(token);
      }
    }
  }

  private SqlExpression typedLiteralOr(Token token) {
    @Nullable SqlExpression form = forms.read();
    if (form != null) {
      return form;
    }
    if (TypeParser.isTypeName(token) && startsTypedLiteral()) {
      SqlType type = types.type();
      Position position = in.position();
      return new Cast(new StringLiteral(in.string(), position), type, token.position());
    }
    return nameOrCall();
  }

  /** A type name, at most a precision and some words, then a string. */
  private boolean startsTypedLiteral() {
    int ahead = 1;
    if (in.peek(ahead).isSymbol("(")) {
      while (in.peek(ahead).kind() != Kind.END && !in.peek(ahead).isSymbol(")")) {
        ahead++;
      }
      ahead++;
    }
    while (in.peek(ahead).kind() == Kind.WORD
        && List.of("with", "without", "time", "zone", "precision", "varying")
            .contains(in.peek(ahead).text())) {
      ahead++;
    }
    return in.peek(ahead).kind() == Kind.STRING;
  }

  private SqlExpression caseExpression(Position position) {
    in.expect("case");
    @Nullable SqlExpression operand = in.isWord("when") ? null : expressions.expression();
    var whens = new ArrayList<When>();
    do {
      in.expect("when");
      SqlExpression condition = expressions.expression();
      in.expect("then");
      whens.add(new When(condition, expressions.expression()));
    } while (in.isWord("when"));
    @Nullable SqlExpression otherwise = in.accept("else") ? expressions.expression() : null;
    in.expect("end");
    return new Case(operand, whens, otherwise, position);
  }

  private SqlExpression nameOrCall() {
    Token first = in.peek();
    // left(x, 2) and right(x, 2) are functions though their names are join words.
    if (!Keywords.canName(first)) {
      throw in.unexpected();
    }
    in.next();
    var parts = new ArrayList<String>();
    parts.add(first.text());
    while (in.isSymbol(".") && !in.peek(1).isSymbol("*")) {
      in.next();
      parts.add(in.label().name());
    }
    if (!in.isSymbol("(")) {
      return new Name(List.copyOf(parts), first.position());
    }
    if (parts.size() > 2 || (parts.size() == 2 && !parts.getFirst().equals("pg_catalog"))) {
      throw first
          .position()
          .error(
              ErrorCode.UNDEFINED_FUNCTION,
              "function " + String.join(".", parts) + " does not exist");
    }
    return call(parts.getLast(), first.position());
  }

  private SqlExpression call(String name, Position position) {
    in.expectSymbol("(");
    boolean star = in.acceptSymbol("*");
    boolean distinct = false;
    List<SqlExpression> args = List.of();
    List<SqlQuery.OrderItem> orderBy = List.of();
    if (!star && !in.isSymbol(")")) {
      distinct = in.accept("distinct");
      if (!distinct) {
        in.accept("all");
      }
      if (in.isWord("variadic")) {
        throw in.position().unsupported("VARIADIC");
      }
      args = expressions.list();
      orderBy = queries.orderBy();
    }
    in.expectSymbol(")");
    boolean withinGroup = in.areWords("within", "group");
    if (withinGroup) {
      if (distinct || !orderBy.isEmpty()) {
        throw in.position()
            .error(
                ErrorCode.SYNTAX_ERROR,
                distinct
                    ? "cannot use DISTINCT with WITHIN GROUP"
                    : "cannot use multiple ORDER BY clauses with WITHIN GROUP");
      }
      orderBy = withinGroup();
    }
    return suffixes(
        new Call(name, args, star, distinct, orderBy, withinGroup, null, null, position));
  }

  private List<SqlQuery.OrderItem> withinGroup() {
    in.expect("within", "group");
    in.expectSymbol("(");
    List<SqlQuery.OrderItem> orderBy = queries.orderBy();
    if (orderBy.isEmpty()) {
      throw in.unexpected();
    }
    in.expectSymbol(")");
    return orderBy;
  }

  private SqlExpression suffixes(Call call) {
    @Nullable SqlExpression filter = null;
    if (in.isWord("filter") && in.peek(1).isSymbol("(")) {
      in.next();
      in.next();
      in.expect("where");
      filter = expressions.expression();
      in.expectSymbol(")");
    }
    if (in.areWords("ignore", "nulls") || in.areWords("respect", "nulls")) {
      throw in.position().unsupported("IGNORE NULLS or RESPECT NULLS");
    }
    @Nullable SqlWindow over =
        in.accept("over") ? new WindowParser(in, expressions, queries).over() : null;
    return new Call(
        call.name(),
        call.args(),
        call.star(),
        call.distinct(),
        call.orderBy(),
        call.withinGroup(),
        filter,
        over,
        call.position());
  }
}
