package dev.sheaf.compute.sql;

import dev.sheaf.protocol.type.SqlType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A scalar expression as written. Immutable. */
public sealed interface SqlExpression {
  Position position();

  /** A column: {@code a}, {@code t.a} or {@code s.t.a}. */
  record Name(List<String> parts, Position position) implements SqlExpression {
    public String column() {
      return parts.getLast();
    }

    @Override
    public String toString() {
      return String.join(".", parts);
    }
  }

  /** Digits, optionally with point and exponent, without a sign. */
  record NumberLiteral(String text, Position position) implements SqlExpression {}

  /** A quoted string: of no type until its context gives one. */
  record StringLiteral(String value, Position position) implements SqlExpression {}

  record BooleanLiteral(boolean value, Position position) implements SqlExpression {}

  record NullLiteral(Position position) implements SqlExpression {}

  /**
   * @param months of a year-month interval; {@code micros} is 0 then
   * @param yearMonth which of the two interval types
   */
  record IntervalLiteral(boolean yearMonth, int months, long micros, Position position)
      implements SqlExpression {}

  /**
   * @param index from 0
   */
  record Parameter(int index, Position position) implements SqlExpression {}

  /** The keyword DEFAULT in VALUES or SET. */
  record Default(Position position) implements SqlExpression {}

  enum Unary {
    NOT,
    PLUS,
    MINUS
  }

  record UnaryOp(Unary op, SqlExpression operand, Position position) implements SqlExpression {}

  /** Operators of two operands, with their spelling in messages. */
  enum Binary {
    AND("AND"),
    OR("OR"),
    EQ("="),
    NE("<>"),
    LT("<"),
    LE("<="),
    GT(">"),
    GE(">="),
    IS_DISTINCT("IS DISTINCT FROM"),
    IS_NOT_DISTINCT("IS NOT DISTINCT FROM"),
    ADD("+"),
    SUBTRACT("-"),
    MULTIPLY("*"),
    DIVIDE("/"),
    MODULO("%"),
    POWER("^"),
    CONCAT("||");

    private final String symbol;

    Binary(String symbol) {
      this.symbol = symbol;
    }

    public String symbol() {
      return symbol;
    }
  }

  /**
   * @param position of the operator
   */
  record BinaryOp(Binary op, SqlExpression left, SqlExpression right, Position position)
      implements SqlExpression {}

  /** A conjunction or disjunction of many, kept flat so that long ones need no deep recursion. */
  record Chain(Binary op, List<SqlExpression> operands, Position position)
      implements SqlExpression {}

  enum Test {
    NULL,
    TRUE,
    FALSE,
    UNKNOWN
  }

  record IsTest(SqlExpression operand, Test test, boolean negated, Position position)
      implements SqlExpression {}

  record Between(
      SqlExpression operand,
      SqlExpression low,
      SqlExpression high,
      boolean symmetric,
      boolean negated,
      Position position)
      implements SqlExpression {}

  /**
   * @param escape null = backslash
   */
  record Like(
      SqlExpression operand,
      SqlExpression pattern,
      @Nullable SqlExpression escape,
      boolean ignoreCase,
      boolean negated,
      Position position)
      implements SqlExpression {}

  record InList(
      SqlExpression operand, List<SqlExpression> values, boolean negated, Position position)
      implements SqlExpression {}

  record InQuery(SqlExpression operand, SqlQuery query, boolean negated, Position position)
      implements SqlExpression {}

  /** {@code x op ANY (query)} or {@code x op ALL (query)}. */
  record Quantified(
      Binary op, boolean all, SqlExpression operand, SqlQuery query, Position position)
      implements SqlExpression {}

  record Exists(SqlQuery query, Position position) implements SqlExpression {}

  record ScalarQuery(SqlQuery query, Position position) implements SqlExpression {}

  record Row(List<SqlExpression> values, Position position) implements SqlExpression {}

  record When(SqlExpression condition, SqlExpression result) {}

  /**
   * @param operand null = searched CASE
   */
  record Case(
      @Nullable SqlExpression operand,
      List<When> whens,
      @Nullable SqlExpression otherwise,
      Position position)
      implements SqlExpression {}

  record Cast(SqlExpression operand, SqlType type, Position position) implements SqlExpression {}

  /**
   * A function call; special forms (EXTRACT, POSITION, TRIM, SUBSTRING) arrive here with their
   * arguments in the order of the plain function.
   *
   * @param star {@code f(*)}
   * @param orderBy within an aggregate, or what WITHIN GROUP says
   * @param withinGroup whether ORDER BY is that of WITHIN GROUP
   * @param filter FILTER (WHERE ...), null = none
   * @param over null = no window function
   */
  record Call(
      String name,
      List<SqlExpression> args,
      boolean star,
      boolean distinct,
      List<SqlQuery.OrderItem> orderBy,
      boolean withinGroup,
      @Nullable SqlExpression filter,
      @Nullable SqlWindow over,
      Position position)
      implements SqlExpression {

    /** Without WITHIN GROUP. */
    public Call(
        String name,
        List<SqlExpression> args,
        boolean star,
        boolean distinct,
        List<SqlQuery.OrderItem> orderBy,
        @Nullable SqlExpression filter,
        Position position) {
      this(name, args, star, distinct, orderBy, false, filter, null, position);
    }
  }
}
