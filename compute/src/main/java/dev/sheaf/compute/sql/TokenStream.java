package dev.sheaf.compute.sql;

import dev.sheaf.compute.sql.Token.Kind;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * A cursor over the tokens of one statement, shared by the parsers. Counts nesting and parameters.
 */
final class TokenStream {
  /** Levels of nested expressions and queries that the later phases' recursion can take. */
  static final int MAX_DEPTH = 500;

  private static final int MAX_PARAMETERS = 65_535;

  private final String sql;
  private final List<Token> tokens;

  /** For each "(" the index of its ")", else -1. */
  private final int[] closing;

  private int at;
  private int depth;
  private int parameters;
  private boolean positional;
  private boolean numbered;

  TokenStream(String sql) {
    this.sql = sql;
    this.tokens = Lexer.tokenize(sql);
    this.closing = new int[tokens.size()];
    var open = new ArrayDeque<Integer>();
    for (int i = 0; i < tokens.size(); i++) {
      closing[i] = -1;
      if (tokens.get(i).isSymbol("(")) {
        open.push(i);
      } else if (tokens.get(i).isSymbol(")") && !open.isEmpty()) {
        closing[open.pop()] = i;
      }
    }
  }

  Token peek() {
    return tokens.get(at);
  }

  Token peek(int ahead) {
    return tokens.get(Math.min(at + ahead, tokens.size() - 1));
  }

  Position position() {
    return peek().position();
  }

  Token next() {
    Token token = peek();
    if (token.kind() != Kind.END) {
      at++;
    }
    return token;
  }

  boolean isWord(String word) {
    return peek().isWord(word);
  }

  boolean isSymbol(String symbol) {
    return peek().isSymbol(symbol);
  }

  /** Whether these words follow one another here. */
  boolean areWords(String... words) {
    for (int i = 0; i < words.length; i++) {
      if (!peek(i).isWord(words[i])) {
        return false;
      }
    }
    return true;
  }

  /** Takes the words if all of them follow. */
  boolean accept(String... words) {
    if (!areWords(words)) {
      return false;
    }
    at += words.length;
    return true;
  }

  boolean acceptSymbol(String symbol) {
    if (!isSymbol(symbol)) {
      return false;
    }
    at++;
    return true;
  }

  void expect(String... words) {
    for (String word : words) {
      if (!accept(word)) {
        throw unexpected();
      }
    }
  }

  void expectSymbol(String symbol) {
    if (!acceptSymbol(symbol)) {
      throw unexpected();
    }
  }

  void expectEnd() {
    if (peek().kind() != Kind.END) {
      throw unexpected();
    }
  }

  /** A column, table or other name: quoted, or a word that is not reserved. */
  Identifier identifier() {
    Token token = peek();
    if (!Keywords.canName(token)) {
      throw unexpected();
    }
    at++;
    return new Identifier(token.text(), token.position());
  }

  /** A name after AS: any word will do. */
  Identifier label() {
    Token token = peek();
    if (token.kind() != Kind.WORD && token.kind() != Kind.QUOTED) {
      throw unexpected();
    }
    at++;
    return new Identifier(token.text(), token.position());
  }

  TableName tableName() {
    Identifier first = identifier();
    if (!acceptSymbol(".")) {
      return new TableName(null, first.name(), first.position());
    }
    Identifier second = label();
    if (isSymbol(".")) {
      throw first.position().unsupported("a table of another database");
    }
    return new TableName(first.name(), second.name(), first.position());
  }

  /** {@code (a, b, ...)}. */
  List<Identifier> identifierList() {
    expectSymbol("(");
    var names = new ArrayList<Identifier>();
    do {
      names.add(identifier());
    } while (acceptSymbol(","));
    expectSymbol(")");
    return names;
  }

  String string() {
    if (peek().kind() != Kind.STRING) {
      throw unexpected();
    }
    return next().text();
  }

  int integer() {
    Token token = peek();
    if (token.kind() != Kind.NUMBER) {
      throw unexpected();
    }
    try {
      int value = Integer.parseInt(token.text());
      at++;
      return value;
    } catch (NumberFormatException e) {
      throw token.position().error(ErrorCode.SYNTAX_ERROR, "an integer is expected here");
    }
  }

  /** Takes a parameter and gives its index from 0. */
  int parameter() {
    Token token = next();
    boolean byNumber = !token.text().isEmpty();
    numbered |= byNumber;
    positional |= !byNumber;
    if (numbered && positional) {
      throw token
          .position()
          .error(ErrorCode.SYNTAX_ERROR, "a statement uses either ? or $n, not both");
    }
    long number =
        byNumber
            ? Long.parseLong("0" + token.text().substring(0, Math.min(9, token.text().length())))
            : parameters + 1L;
    if (number == 0) {
      throw token.position().error(ErrorCode.UNDEFINED_PARAMETER, "there is no parameter $0");
    }
    if (number > MAX_PARAMETERS) {
      throw token.position().error(ErrorCode.PROGRAM_LIMIT_EXCEEDED, "more than 65535 parameters");
    }
    parameters = Math.max(parameters, (int) number);
    return (int) number - 1;
  }

  int parameters() {
    return parameters;
  }

  /** Offset where the next token begins. */
  int offset() {
    return peek().start();
  }

  /** The text from an offset to the end of the token taken last. */
  String textSince(int offset) {
    return sql.substring(offset, tokens.get(at - 1).end());
  }

  /** Whether the "(" here opens a query rather than an expression, row or join. */
  boolean opensQuery() {
    int i = at;
    while (tokens.get(i + 1).isSymbol("(")) {
      i++;
    }
    if (!Keywords.startsQuery(tokens.get(i + 1))) {
      return false;
    }
    // Outwards again: each further pair of parentheses must hold a query and nothing else.
    for (; i > at; i--) {
      if (closing[i] < 0) {
        return true;
      }
      Token after = tokens.get(closing[i] + 1);
      if (!after.isSymbol(")") && !Keywords.continuesQuery(after)) {
        return false;
      }
    }
    return true;
  }

  void enter() {
    if (++depth > MAX_DEPTH) {
      throw position()
          .error(ErrorCode.STATEMENT_TOO_COMPLEX, "the statement nests too deeply")
          .withHint("At most " + MAX_DEPTH + " levels of nesting are possible.");
    }
  }

  void leave() {
    depth--;
  }

  /** The syntax error at the next token. */
  SheafException unexpected() {
    Token token = peek();
    String message =
        token.kind() == Kind.END
            ? "syntax error at end of input"
            : "syntax error at or near \"" + sql.substring(token.start(), token.end()) + "\"";
    return token.position().error(ErrorCode.SYNTAX_ERROR, message);
  }
}
