package dev.sheaf.compute.sql;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.function.Supplier;

/** Reads SQL text in PostgreSQL's dialect. Stateless and thread-safe. */
public final class SqlParser {
  /** Longest statement, in UTF-16 units. */
  public static final int MAX_LENGTH = 1 << 20;

  private SqlParser() {}

  /**
   * Parses exactly one statement; a trailing semicolon is fine.
   *
   * @throws SheafException 42601 with the place; 0A000 for what Sheaf does not do; 54000 for text
   *     over 1 MiB; 54001 when it nests too deeply; 22021 for a NUL character
   */
  public static ParsedStatement parse(String sql) {
    return guarded(sql, () -> new StatementParser(new TokenStream(sql)).single());
  }

  /** Parses an expression on its own, as DEFAULT and CHECK texts are. Parameters are refused. */
  public static SqlExpression parseExpression(String sql) {
    return guarded(
        sql,
        () -> {
          var in = new TokenStream(sql);
          SqlExpression expression = new QueryParser(in).expressions().expression();
          in.expectEnd();
          if (in.parameters() > 0) {
            throw new SheafException(
                ErrorCode.UNDEFINED_PARAMETER, "parameters are not possible here");
          }
          return expression;
        });
  }

  private static <T> T guarded(String sql, Supplier<T> parse) {
    if (sql.length() > MAX_LENGTH) {
      throw new SheafException(
              ErrorCode.PROGRAM_LIMIT_EXCEEDED, "the statement is longer than 1 MiB")
          .withHint("Send data through parameters, COPY or bulk ingest.");
    }
    Lexer.checkCharacters(sql);
    try {
      return parse.get();
    } catch (StackOverflowError e) {
      // The depth limit is met first on any usual stack; this is for unusually small ones.
      throw new SheafException(
          ErrorCode.STATEMENT_TOO_COMPLEX, "the statement nests too deeply", e);
    }
  }
}
