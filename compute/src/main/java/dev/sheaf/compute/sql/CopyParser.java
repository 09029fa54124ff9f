package dev.sheaf.compute.sql;

import dev.sheaf.compute.sql.ParsedStatement.CopyFormat;
import dev.sheaf.compute.sql.ParsedStatement.CopyFrom;
import dev.sheaf.compute.sql.ParsedStatement.CopyOptions;
import dev.sheaf.compute.sql.ParsedStatement.CopyTo;
import dev.sheaf.compute.sql.ParsedStatement.Query;
import dev.sheaf.protocol.error.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads COPY. Without a format a path that ends in .arrow, .arrows or .ipc is Arrow, one that ends
 * in .parquet is Parquet, all else CSV.
 */
final class CopyParser {
  private final TokenStream in;
  private final QueryParser queries;
  private @Nullable CopyFormat format;
  private boolean header;
  private char delimiter = ',';
  private char quote = '"';
  private String nullText = "";

  CopyParser(TokenStream in, QueryParser queries) {
    this.in = in;
    this.queries = queries;
  }

  ParsedStatement copy() {
    in.expect("copy");
    if (in.isSymbol("(")) {
      if (!in.opensQuery()) {
        throw in.unexpected();
      }
      SqlQuery query = queries.parenthesised();
      in.expect("to");
      return to(query);
    }
    Position position = in.position();
    TableName table = in.tableName();
    List<Identifier> columns = in.isSymbol("(") ? in.identifierList() : List.of();
    if (in.accept("to")) {
      return to(select(table, columns, position));
    }
    in.expect("from");
    @Nullable String path = path("stdin");
    CopyOptions options = options(path);
    if (in.isWord("where")) {
      throw in.position().unsupported("COPY ... WHERE");
    }
    return new CopyFrom(table, columns, path, options);
  }

  private CopyTo to(SqlQuery query) {
    @Nullable String path = path("stdout");
    CopyOptions options = options(path);
    return new CopyTo(new Query(query, in.parameters()), path, options);
  }

  private static SqlQuery select(TableName table, List<Identifier> columns, Position position) {
    var items = new ArrayList<SqlQuery.SelectItem>();
    for (Identifier column : columns) {
      items.add(
          new SqlQuery.Item(
              new SqlExpression.Name(List.of(column.name()), column.position()), null));
    }
    if (items.isEmpty()) {
      items.add(new SqlQuery.Star(List.of(), position));
    }
    var from = new SqlQuery.Table(table, null, List.of(), null, position);
    var body = new SqlQuery.Select(false, items, from, null, List.of(), null, List.of(), position);
    return new SqlQuery(List.of(), body, List.of(), null, null, position);
  }

  private @Nullable String path(String standard) {
    if (in.isWord("program")) {
      throw in.position().unsupported("COPY ... PROGRAM");
    }
    return in.accept(standard) ? null : in.string();
  }

  private CopyOptions options(@Nullable String path) {
    boolean with = in.accept("with");
    if (in.acceptSymbol("(")) {
      do {
        option(true);
      } while (in.acceptSymbol(","));
      in.expectSymbol(")");
    } else {
      while (in.peek().kind() == Token.Kind.WORD && !in.isWord("where")) {
        option(false);
        with = false;
      }
      if (with) {
        throw in.unexpected();
      }
    }
    CopyFormat chosen = format != null ? format : formatOf(path);
    return new CopyOptions(chosen, header, delimiter, quote, nullText);
  }

  /**
   * @param listed in parentheses, where flags may carry a value; else the old form CSV HEADER
   */
  private void option(boolean listed) {
    Token name = in.next();
    switch (name.text()) {
      case "format" -> format = format(in.next());
      case "csv" -> format = CopyFormat.CSV;
      case "header" -> header = !listed || flag();
      case "delimiter" -> {
        in.accept("as");
        delimiter = character("delimiter");
      }
      case "quote" -> {
        in.accept("as");
        quote = character("quote");
      }
      case "null" -> {
        in.accept("as");
        nullText = in.string();
      }
      case "escape",
          "encoding",
          "force_quote",
          "force_not_null",
          "force_null",
          "freeze",
          "on_error",
          "binary",
          "text" ->
          throw name.position().unsupported("COPY option " + name.text().toUpperCase(Locale.ROOT));
      default ->
          throw name.position()
              .error(ErrorCode.SYNTAX_ERROR, "option \"" + name.text() + "\" not recognized");
    }
  }

  private static CopyFormat formatOf(@Nullable String path) {
    String name = path == null ? "" : path.toLowerCase(Locale.ROOT);
    if (name.endsWith(".parquet")) {
      return CopyFormat.PARQUET;
    }
    return name.matches(".*\\.(arrows?|ipc)") ? CopyFormat.ARROW : CopyFormat.CSV;
  }

  private static CopyFormat format(Token token) {
    return switch (token.text().toLowerCase(Locale.ROOT)) {
      case "csv" -> CopyFormat.CSV;
      case "arrow" -> CopyFormat.ARROW;
      case "parquet" -> CopyFormat.PARQUET;
      default ->
          throw token
              .position()
              .unsupported("COPY format \"" + token.text() + "\"")
              .withHint("Formats are csv, arrow and, for COPY TO, parquet.");
    };
  }

  private boolean flag() {
    Token token = in.peek();
    switch (token.text().toLowerCase(Locale.ROOT)) {
      case "true", "on", "1" -> {
        in.next();
        return true;
      }
      case "false", "off", "0" -> {
        in.next();
        return false;
      }
      case "match" -> throw token.position().unsupported("HEADER MATCH");
      default -> {
        return true;
      }
    }
  }

  private char character(String option) {
    Position position = in.position();
    String value = in.string();
    if (value.length() != 1 || value.charAt(0) > 0x7f || value.equals("\n") || value.equals("\r")) {
      throw position.error(
          ErrorCode.INVALID_PARAMETER_VALUE,
          "COPY " + option + " must be a single one-byte character");
    }
    return value.charAt(0);
  }
}
