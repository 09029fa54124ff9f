package dev.sheaf.compute.sql;

import dev.sheaf.compute.sql.SqlExpression.Between;
import dev.sheaf.compute.sql.SqlExpression.Binary;
import dev.sheaf.compute.sql.SqlExpression.BinaryOp;
import dev.sheaf.compute.sql.SqlExpression.Cast;
import dev.sheaf.compute.sql.SqlExpression.Chain;
import dev.sheaf.compute.sql.SqlExpression.InList;
import dev.sheaf.compute.sql.SqlExpression.InQuery;
import dev.sheaf.compute.sql.SqlExpression.IsTest;
import dev.sheaf.compute.sql.SqlExpression.Like;
import dev.sheaf.compute.sql.SqlExpression.Quantified;
import dev.sheaf.compute.sql.SqlExpression.Test;
import dev.sheaf.compute.sql.SqlExpression.Unary;
import dev.sheaf.compute.sql.SqlExpression.UnaryOp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads operators by precedence climbing, with PostgreSQL's precedences:
 *
 * <pre>
 * 1 OR  2 AND  3 NOT  4 IS  5 comparison  6 BETWEEN IN LIKE  7 ||  8 + -  9 * / %  10 ^  11 unary  12 ::
 * </pre>
 */
final class ExpressionParser {
  private static final int OR = 1;
  private static final int AND = 2;
  private static final int NOT = 3;
  private static final int IS = 4;
  private static final int COMPARISON = 5;
  private static final int RANGE = 6;
  private static final int OTHER = 7;
  private static final int UNARY = 11;
  private static final int CAST = 12;

  private record Infix(Binary op, int precedence) {}

  private static final Map<String, Infix> SYMBOLS =
      Map.ofEntries(
          Map.entry("=", new Infix(Binary.EQ, COMPARISON)),
          Map.entry("<>", new Infix(Binary.NE, COMPARISON)),
          Map.entry("<", new Infix(Binary.LT, COMPARISON)),
          Map.entry("<=", new Infix(Binary.LE, COMPARISON)),
          Map.entry(">", new Infix(Binary.GT, COMPARISON)),
          Map.entry(">=", new Infix(Binary.GE, COMPARISON)),
          Map.entry("||", new Infix(Binary.CONCAT, OTHER)),
          Map.entry("+", new Infix(Binary.ADD, 8)),
          Map.entry("-", new Infix(Binary.SUBTRACT, 8)),
          Map.entry("*", new Infix(Binary.MULTIPLY, 9)),
          Map.entry("/", new Infix(Binary.DIVIDE, 9)),
          Map.entry("%", new Infix(Binary.MODULO, 9)),
          Map.entry("^", new Infix(Binary.POWER, 10)));

  private final TokenStream in;
  private final QueryParser queries;
  private final PrimaryParser primaries;
  private final TypeParser types;

  ExpressionParser(TokenStream in, QueryParser queries) {
    this.in = in;
    this.queries = queries;
    this.types = new TypeParser(in);
    this.primaries = new PrimaryParser(in, this, queries, types);
  }

  SqlExpression expression() {
    return expression(OR);
  }

  /** An expression that stops before AND: the bounds of BETWEEN, the needle of POSITION. */
  SqlExpression operand() {
    return expression(OTHER);
  }

  List<SqlExpression> list() {
    var items = new ArrayList<SqlExpression>();
    do {
      items.add(expression());
    } while (in.acceptSymbol(","));
    return items;
  }

  private SqlExpression expression(int min) {
    in.enter();
    SqlExpression left = prefix();
    while (true) {
      @Nullable SqlExpression extended = infix(left, min);
      if (extended == null) {
        in.leave();
        return left;
      }
      left = extended;
    }
  }

  private SqlExpression prefix() {
    Position position = in.position();
    if (in.accept("not")) {
      return new UnaryOp(Unary.NOT, expression(NOT), position);
    }
    if (in.acceptSymbol("-")) {
      return new UnaryOp(Unary.MINUS, expression(UNARY), position);
    }
    if (in.acceptSymbol("+")) {
      return new UnaryOp(Unary.PLUS, expression(UNARY), position);
    }
    return primaries.primary();
  }

  private @Nullable SqlExpression infix(SqlExpression left, int min) {
    Token token = in.peek();
    return switch (token.kind()) {
      case SYMBOL -> symbolInfix(left, token, min);
      case WORD -> wordInfix(left, token, min);
      case QUOTED, STRING, NUMBER, PARAMETER, END -> null;
    };
  }

  private @Nullable SqlExpression symbolInfix(SqlExpression left, Token token, int min) {
    if (token.text().equals("::")) {
      in.next();
      return new Cast(left, types.type(), token.position());
    }
    if (token.text().equals("[")) {
      throw token.position().unsupported("an array subscript");
    }
    @Nullable Infix infix = SYMBOLS.get(token.text());
    if (infix == null || infix.precedence < min) {
      return null;
    }
    in.next();
    if (infix.precedence == COMPARISON
        && (in.isWord("any") || in.isWord("some") || in.isWord("all"))) {
      return quantified(infix.op, left, token.position());
    }
    return new BinaryOp(infix.op, left, expression(infix.precedence + 1), token.position());
  }

  private SqlExpression quantified(Binary op, SqlExpression left, Position position) {
    boolean all = in.next().text().equals("all");
    if (!in.opensQuery()) {
      throw in.position().unsupported("ANY or ALL of an array");
    }
    return new Quantified(op, all, left, queries.parenthesised(), position);
  }

  private @Nullable SqlExpression wordInfix(SqlExpression left, Token token, int min) {
    Position position = token.position();
    switch (token.text()) {
      case "and" -> {
        return min <= AND ? chain(Binary.AND, "and", NOT, left, position) : null;
      }
      case "or" -> {
        return min <= OR ? chain(Binary.OR, "or", AND, left, position) : null;
      }
      case "is" -> {
        return min <= IS ? is(left, position) : null;
      }
      case "isnull", "notnull" -> {
        if (min > IS) {
          return null;
        }
        in.next();
        return new IsTest(left, Test.NULL, token.text().equals("notnull"), position);
      }
      case "not" -> {
        Token then = in.peek(1);
        boolean range =
            then.isWord("in")
                || then.isWord("between")
                || then.isWord("like")
                || then.isWord("ilike")
                || then.isWord("similar");
        if (!range || min > RANGE) {
          return null;
        }
        in.next();
        return range(left, true, position);
      }
      case "in", "between", "like", "ilike", "similar" -> {
        return min <= RANGE ? range(left, false, position) : null;
      }
      case "collate" -> throw position.unsupported("COLLATE");
      case "overlaps" -> throw position.unsupported("OVERLAPS");
      case "at" -> {
        if (in.areWords("at", "time", "zone")) {
          throw position.unsupported("AT TIME ZONE");
        }
        return null;
      }
      default -> {
        return null;
      }
    }
  }

  private SqlExpression chain(
      Binary op, String word, int operandMin, SqlExpression first, Position position) {
    var operands = new ArrayList<SqlExpression>();
    operands.add(first);
    while (in.accept(word)) {
      operands.add(expression(operandMin));
    }
    return new Chain(op, operands, position);
  }

  private SqlExpression is(SqlExpression left, Position position) {
    in.expect("is");
    boolean negated = in.accept("not");
    if (in.accept("distinct", "from")) {
      return new BinaryOp(
          negated ? Binary.IS_NOT_DISTINCT : Binary.IS_DISTINCT,
          left,
          expression(COMPARISON),
          position);
    }
    Test test =
        switch (in.peek().text()) {
          case "null" -> Test.NULL;
          case "true" -> Test.TRUE;
          case "false" -> Test.FALSE;
          case "unknown" -> Test.UNKNOWN;
          default -> throw in.unexpected();
        };
    in.next();
    return new IsTest(left, test, negated, position);
  }

  private SqlExpression range(SqlExpression left, boolean negated, Position position) {
    Token word = in.next();
    return switch (word.text()) {
      case "between" -> {
        boolean symmetric = in.accept("symmetric");
        in.accept("asymmetric");
        SqlExpression low = operand();
        in.expect("and");
        yield new Between(left, low, operand(), symmetric, negated, position);
      }
      case "in" -> {
        if (in.opensQuery() && in.isSymbol("(")) {
          yield new InQuery(left, queries.parenthesised(), negated, position);
        }
        in.expectSymbol("(");
        List<SqlExpression> values = list();
        in.expectSymbol(")");
        yield new InList(left, values, negated, position);
      }
      case "like", "ilike" -> {
        if (in.isWord("any") || in.isWord("all") || in.isWord("some")) {
          throw in.position().unsupported("LIKE with ANY or ALL");
        }
        SqlExpression pattern = operand();
        @Nullable SqlExpression escape = in.accept("escape") ? operand() : null;
        yield new Like(left, pattern, escape, word.text().equals("ilike"), negated, position);
      }
      default -> throw position.unsupported("SIMILAR TO");
    };
  }
}
