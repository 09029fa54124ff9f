package dev.sheaf.compute.sql;

import dev.sheaf.compute.sql.Token.Kind;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Splits SQL text into tokens by PostgreSQL's lexical rules: case folding, nested comments, {@code
 * E'...'} and dollar-quoted strings. One pass, no recursion.
 */
final class Lexer {
  /** Longest identifier in bytes, as PostgreSQL's. */
  static final int MAX_IDENTIFIER_BYTES = 63;

  private static final String[] LONG_SYMBOLS = {"::", "<=", ">=", "<>", "!=", "||", ":="};
  private static final String SYMBOLS = "()[],;.+-*/%^<>=:";

  private final String sql;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;
  private int lineStart;
  private Position start = new Position(1, 1);

  private Lexer(String sql) {
    this.sql = sql;
  }

  /** The tokens, ending with one of kind END. */
  static List<Token> tokenize(String sql) {
    return new Lexer(sql).run();
  }

  private List<Token> run() {
    while (true) {
      skipBlanksAndComments();
      start = new Position(line, at - lineStart + 1);
      if (at >= sql.length()) {
        tokens.add(new Token(Kind.END, "", at, at, start));
        return tokens;
      }
      next(sql.charAt(at));
    }
  }

  private void next(char c) {
    int begin = at;
    if (c == '\'') {
      add(Kind.STRING, quoted('\'', false), begin);
    } else if (c == '"') {
      add(Kind.QUOTED, identifier(quoted('"', false)), begin);
    } else if ((c == 'e' || c == 'E') && peek(1) == '\'') {
      at++;
      add(Kind.STRING, quoted('\'', true), begin);
    } else if ((c == 'u' || c == 'U') && peek(1) == '&' && (peek(2) == '\'' || peek(2) == '"')) {
      throw start.unsupported("a Unicode-escaped string (U&)");
    } else if ("xXbB".indexOf(c) >= 0 && peek(1) == '\'') {
      throw start.unsupported("a bit string");
    } else if (isIdentifierStart(c)) {
      word();
    } else if (isDigit(c) || (c == '.' && isDigit(peek(1)))) {
      number();
    } else if (c == '?') {
      at++;
      add(Kind.PARAMETER, "", begin);
    } else if (c == '$') {
      dollar();
    } else {
      symbol(c);
    }
  }

  private void add(Kind kind, String text, int begin) {
    tokens.add(new Token(kind, text, begin, at, start));
  }

  private void skipBlanksAndComments() {
    while (at < sql.length()) {
      char c = sql.charAt(at);
      if (c == '-' && peek(1) == '-') {
        while (at < sql.length() && sql.charAt(at) != '\n') {
          at++;
        }
      } else if (c == '/' && peek(1) == '*') {
        blockComment();
      } else if (c == ' ' || (c >= '\t' && c <= '\r') || c == '\uFEFF') {
        advance();
      } else {
        return;
      }
    }
  }

  private void blockComment() {
    Position opened = new Position(line, at - lineStart + 1);
    int depth = 0;
    while (at < sql.length()) {
      if (sql.startsWith("/*", at)) {
        depth++;
        at += 2;
      } else if (sql.startsWith("*/", at)) {
        depth--;
        at += 2;
        if (depth == 0) {
          return;
        }
      } else {
        advance();
      }
    }
    throw opened.error(ErrorCode.SYNTAX_ERROR, "unterminated /* comment");
  }

  private void word() {
    int begin = at;
    var folded = new StringBuilder();
    while (at < sql.length() && isIdentifierPart(sql.charAt(at))) {
      char c = sql.charAt(at++);
      folded.append(c >= 'A' && c <= 'Z' ? (char) (c + 32) : c);
    }
    add(Kind.WORD, identifier(folded.toString()), begin);
  }

  private String identifier(String name) {
    if (name.isEmpty()) {
      throw start.error(ErrorCode.SYNTAX_ERROR, "zero-length delimited identifier");
    }
    if (name.length() > MAX_IDENTIFIER_BYTES
        || name.getBytes(StandardCharsets.UTF_8).length > MAX_IDENTIFIER_BYTES) {
      throw start.error(
          ErrorCode.NAME_TOO_LONG,
          "identifier \"" + name.substring(0, 20) + "...\" is longer than 63 bytes");
    }
    return name;
  }

  private void number() {
    int begin = at;
    digits();
    if (peek(0) == '.' && peek(1) != '.') {
      at++;
      digits();
    }
    if (peek(0) == 'e' || peek(0) == 'E') {
      int sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
      if (isDigit(peek(1 + sign))) {
        at += 1 + sign;
        digits();
      }
    }
    if (isIdentifierStart(peek(0))) {
      throw start.error(
          ErrorCode.SYNTAX_ERROR,
          "trailing junk after numeric literal at or near \""
              + sql.substring(begin, at + 1)
              + "\"");
    }
    add(Kind.NUMBER, sql.substring(begin, at), begin);
  }

  private void digits() {
    while (isDigit(peek(0))) {
      at++;
    }
  }

  private void dollar() {
    int begin = at;
    if (isDigit(peek(1))) {
      at++;
      digits();
      add(Kind.PARAMETER, sql.substring(begin + 1, at), begin);
      return;
    }
    int tagEnd = at + 1;
    while (tagEnd < sql.length()
        && isIdentifierPart(sql.charAt(tagEnd))
        && sql.charAt(tagEnd) != '$') {
      tagEnd++;
    }
    if (tagEnd >= sql.length() || sql.charAt(tagEnd) != '$') {
      throw start.error(ErrorCode.SYNTAX_ERROR, "syntax error at or near \"$\"");
    }
    String tag = sql.substring(at, tagEnd + 1);
    int close = sql.indexOf(tag, tagEnd + 1);
    if (close < 0) {
      throw start.error(ErrorCode.SYNTAX_ERROR, "unterminated dollar-quoted string");
    }
    String value = sql.substring(tagEnd + 1, close);
    while (at < close + tag.length()) {
      advance();
    }
    add(Kind.STRING, value, begin);
  }

  private String quoted(char quote, boolean escapes) {
    var value = new StringBuilder();
    advance();
    while (at < sql.length()) {
      char c = sql.charAt(at);
      if (c == quote) {
        if (peek(1) != quote) {
          at++;
          return value.toString();
        }
        value.append(quote);
        at += 2;
      } else if (escapes && c == '\\') {
        at++;
        escape(value);
      } else {
        value.append(c);
        advance();
      }
    }
    throw start.error(
        ErrorCode.SYNTAX_ERROR,
        quote == '"' ? "unterminated quoted identifier" : "unterminated quoted string");
  }

  private void escape(StringBuilder value) {
    char c = peek(0);
    advance();
    switch (c) {
      case 'n' -> value.append('\n');
      case 't' -> value.append('\t');
      case 'r' -> value.append('\r');
      case 'b' -> value.append('\b');
      case 'f' -> value.append('\f');
      case 'x' -> codePoint(value, 2, 1);
      case 'u' -> codePoint(value, 4, 4);
      case 'U' -> codePoint(value, 8, 8);
      default -> value.append(c);
    }
  }

  private void codePoint(StringBuilder value, int maxDigits, int minDigits) {
    int code = 0;
    int digits = 0;
    while (digits < maxDigits && Character.digit(peek(0), 16) >= 0) {
      code = code * 16 + Character.digit(peek(0), 16);
      at++;
      digits++;
    }
    if (digits < minDigits || !Character.isValidCodePoint(code)) {
      throw start.error(ErrorCode.INVALID_ESCAPE_SEQUENCE, "invalid escape in string literal");
    }
    if (code == 0) {
      throw start.error(ErrorCode.CHARACTER_NOT_IN_REPERTOIRE, "text cannot hold a NUL character");
    }
    value.appendCodePoint(code);
  }

  private void symbol(char c) {
    int begin = at;
    for (String symbol : LONG_SYMBOLS) {
      if (sql.startsWith(symbol, at)) {
        at += 2;
        add(Kind.SYMBOL, symbol.equals("!=") ? "<>" : symbol, begin);
        return;
      }
    }
    if (SYMBOLS.indexOf(c) < 0) {
      throw start.error(ErrorCode.SYNTAX_ERROR, "syntax error at or near \"" + c + "\"");
    }
    at++;
    add(Kind.SYMBOL, String.valueOf(c), begin);
  }

  /** Steps over one character, counting lines. */
  private void advance() {
    if (at < sql.length() && sql.charAt(at) == '\n') {
      line++;
      lineStart = at + 1;
    }
    at++;
  }

  private char peek(int ahead) {
    return at + ahead < sql.length() ? sql.charAt(at + ahead) : '\0';
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isIdentifierStart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
  }

  private static boolean isIdentifierPart(char c) {
    return isIdentifierStart(c) || isDigit(c) || c == '$';
  }

  /** 22021 if the text holds what no stored text may hold. */
  static void checkCharacters(String sql) {
    for (int i = 0; i < sql.length(); i++) {
      char c = sql.charAt(i);
      boolean pair =
          Character.isHighSurrogate(c)
              && i + 1 < sql.length()
              && Character.isLowSurrogate(sql.charAt(i + 1));
      if (pair) {
        i++;
      } else if (c == 0 || Character.isSurrogate(c)) {
        throw new SheafException(
            ErrorCode.CHARACTER_NOT_IN_REPERTOIRE,
            c == 0 ? "SQL text cannot hold a NUL character" : "SQL text holds half a character");
      }
    }
  }
}
