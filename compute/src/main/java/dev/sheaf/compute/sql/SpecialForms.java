package dev.sheaf.compute.sql;

import dev.sheaf.compute.sql.SqlExpression.Call;
import dev.sheaf.compute.sql.SqlExpression.StringLiteral;
import dev.sheaf.protocol.error.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Functions with a syntax of their own, turned into plain calls. */
final class SpecialForms {
  private final TokenStream in;
  private final ExpressionParser expressions;

  SpecialForms(TokenStream in, ExpressionParser expressions) {
    this.in = in;
    this.expressions = expressions;
  }

  /** The form that begins here, or null. */
  @Nullable SqlExpression read() {
    Token token = in.peek();
    Position position = token.position();
    switch (token.text()) {
      case "current_date",
          "current_timestamp",
          "current_time",
          "localtimestamp",
          "localtime",
          "current_user",
          "session_user",
          "user",
          "current_role",
          "current_catalog" -> {
        return niladic(token);
      }
      case "extract" -> {
        return opens() ? extract(position) : null;
      }
      case "position" -> {
        return opens() ? position(position) : null;
      }
      case "substring" -> {
        return opens() ? substring(position) : null;
      }
      case "trim" -> {
        return opens() ? trim(position) : null;
      }
      case "overlay" -> {
        if (opens()) {
          throw position.unsupported("OVERLAY");
        }
        return null;
      }
      default -> {
        return null;
      }
    }
  }

  private boolean opens() {
    return in.peek(1).isSymbol("(");
  }

  private SqlExpression niladic(Token token) {
    in.next();
    if (in.isSymbol("(") && in.peek(1).kind() == Token.Kind.NUMBER) {
      in.next();
      if (in.integer() != 6) {
        throw token.position().unsupported(token.text() + " with a precision other than 6");
      }
      in.expectSymbol(")");
    }
    String name =
        switch (token.text()) {
          case "session_user", "user", "current_role" -> "current_user";
          case "current_catalog" -> "current_database";
          default -> token.text();
        };
    return call(name, List.of(), token.position());
  }

  private SqlExpression extract(Position position) {
    in.next();
    in.expectSymbol("(");
    Token field = in.next();
    if (field.kind() != Token.Kind.WORD
        && field.kind() != Token.Kind.STRING
        && field.kind() != Token.Kind.QUOTED) {
      throw field.position().error(ErrorCode.SYNTAX_ERROR, "EXTRACT needs a field name");
    }
    in.expect("from");
    SqlExpression source = expressions.expression();
    in.expectSymbol(")");
    var name = new StringLiteral(field.text().toLowerCase(Locale.ROOT), field.position());
    return call("date_part", List.of(name, source), position);
  }

  private SqlExpression position(Position position) {
    in.next();
    in.expectSymbol("(");
    SqlExpression needle = expressions.operand();
    in.expect("in");
    SqlExpression haystack = expressions.expression();
    in.expectSymbol(")");
    return call("strpos", List.of(haystack, needle), position);
  }

  private SqlExpression substring(Position position) {
    in.next();
    in.expectSymbol("(");
    var args = new ArrayList<SqlExpression>();
    args.add(expressions.expression());
    if (in.isWord("from") || in.isWord("for")) {
      @Nullable SqlExpression from = in.accept("from") ? expressions.expression() : null;
      @Nullable SqlExpression length = in.accept("for") ? expressions.expression() : null;
      if (from == null && in.accept("from")) {
        from = expressions.expression();
      }
      args.add(from == null ? new SqlExpression.NumberLiteral("1", position) : from);
      if (length != null) {
        args.add(length);
      }
    } else if (in.isWord("similar")) {
      throw in.position().unsupported("SUBSTRING with a regular expression");
    } else {
      while (in.acceptSymbol(",")) {
        args.add(expressions.expression());
      }
    }
    in.expectSymbol(")");
    return call("substring", args, position);
  }

  private SqlExpression trim(Position position) {
    in.next();
    in.expectSymbol("(");
    String function = "btrim";
    if (in.accept("leading")) {
      function = "ltrim";
    } else if (in.accept("trailing")) {
      function = "rtrim";
    } else {
      in.accept("both");
    }
    @Nullable SqlExpression characters = null;
    if (!in.isWord("from")) {
      characters = expressions.expression();
    }
    var args = new ArrayList<SqlExpression>();
    if (in.accept("from")) {
      args.add(expressions.expression());
      if (characters != null) {
        args.add(characters);
      }
    } else if (characters != null) {
      args.add(characters);
    }
    while (in.acceptSymbol(",")) {
      args.add(expressions.expression());
    }
    in.expectSymbol(")");
    return call(function, args, position);
  }

  private static SqlExpression call(String name, List<SqlExpression> args, Position position) {
    return new Call(name, List.copyOf(args), false, false, List.of(), null, position);
  }
}
