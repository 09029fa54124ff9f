package dev.sheaf.compute.sql;

import dev.sheaf.compute.sql.ParsedStatement.Explain;
import dev.sheaf.compute.sql.ParsedStatement.Query;
import dev.sheaf.protocol.error.ErrorCode;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Chooses what a statement is by its first word. */
final class StatementParser {
  /** Statements of PostgreSQL that Sheaf knows but does not do. */
  private static final Map<String, String> REFUSED =
      Map.ofEntries(
          Map.entry("savepoint", "a savepoint"),
          Map.entry("release", "a savepoint"),
          Map.entry("grant", "GRANT"),
          Map.entry("revoke", "REVOKE"),
          Map.entry("merge", "MERGE"),
          Map.entry("call", "CALL"),
          Map.entry("do", "DO"),
          Map.entry("prepare", "PREPARE as SQL text"),
          Map.entry("execute", "EXECUTE as SQL text"),
          Map.entry("deallocate", "DEALLOCATE"),
          Map.entry("declare", "a cursor"),
          Map.entry("fetch", "a cursor"),
          Map.entry("close", "a cursor"),
          Map.entry("move", "a cursor"),
          Map.entry("listen", "LISTEN"),
          Map.entry("notify", "NOTIFY"),
          Map.entry("unlisten", "UNLISTEN"),
          Map.entry("lock", "LOCK TABLE"),
          Map.entry("vacuum", "VACUUM"),
          Map.entry("analyze", "ANALYZE"),
          Map.entry("analyse", "ANALYZE"),
          Map.entry("comment", "COMMENT"),
          Map.entry("refresh", "a materialized view"),
          Map.entry("reindex", "REINDEX"),
          Map.entry("cluster", "CLUSTER"),
          Map.entry("discard", "DISCARD"),
          Map.entry("load", "LOAD"),
          Map.entry("checkpoint", "CHECKPOINT"),
          Map.entry("import", "IMPORT FOREIGN SCHEMA"),
          Map.entry("reassign", "REASSIGN"),
          Map.entry("security", "SECURITY LABEL"),
          Map.entry("use", "USE"));

  private final TokenStream in;
  private final QueryParser queries;

  StatementParser(TokenStream in) {
    this.in = in;
    this.queries = new QueryParser(in);
  }

  ParsedStatement single() {
    if (in.peek().kind() == Token.Kind.END || in.isSymbol(";")) {
      end();
      return new ParsedStatement.Empty();
    }
    ParsedStatement statement = statement();
    end();
    return statement;
  }

  private void end() {
    while (in.acceptSymbol(";")) {
      continue;
    }
    if (in.peek().kind() != Token.Kind.END && in.offset() > 0) {
      throw in.unexpected();
    }
  }

  private ParsedStatement statement() {
    Token first = in.peek();
    if (first.isSymbol("(")) {
      return query();
    }
    if (first.kind() != Token.Kind.WORD) {
      throw in.unexpected();
    }
    return switch (first.text()) {
      case "select", "values", "with", "table" -> query();
      case "insert" -> dml().insert();
      case "update" -> dml().update();
      case "delete" -> dml().delete();
      case "truncate" -> dml().truncate();
      case "create" -> new DdlParser(in, queries).create();
      case "drop" -> new DdlParser(in, queries).drop();
      case "alter" -> new DdlParser(in, queries).alter();
      case "begin", "start" -> commands().begin();
      case "commit", "end" -> commands().commit();
      case "rollback", "abort" -> commands().rollback();
      case "set" -> commands().set();
      case "show" -> commands().show();
      case "reset" -> commands().reset();
      case "explain" -> explain();
      case "copy" -> new CopyParser(in, queries).copy();
      default -> {
        @Nullable String refused = REFUSED.get(first.text());
        throw refused != null ? first.position().unsupported(refused) : in.unexpected();
      }
    };
  }

  private ParsedStatement query() {
    if (in.isWord("with")) {
      refuseChangingWith();
    }
    SqlQuery query = queries.query();
    return new Query(query, in.parameters());
  }

  /** WITH ... INSERT: the WITH clause is fine, but only queries may follow it here. */
  private void refuseChangingWith() {
    int depth = 0;
    for (int i = 1; in.peek(i).kind() != Token.Kind.END; i++) {
      Token token = in.peek(i);
      depth += token.isSymbol("(") ? 1 : token.isSymbol(")") ? -1 : 0;
      if (depth == 0 && token.isWord("select")) {
        return;
      }
      if (depth == 0
          && (token.isWord("insert") || token.isWord("update") || token.isWord("delete"))
          && in.peek(i - 1).isSymbol(")")) {
        throw token
            .position()
            .unsupported("WITH before " + token.text().toUpperCase(Locale.ROOT))
            .withHint("Put the WITH clause into the statement's query.");
      }
    }
  }

  private CommandParser commands() {
    return new CommandParser(in, queries.expressions());
  }

  private DmlParser dml() {
    return new DmlParser(in, queries);
  }

  private ParsedStatement explain() {
    in.expect("explain");
    boolean analyze = in.accept("analyze");
    if (in.isWord("verbose")) {
      in.next();
    }
    if (in.isSymbol("(") && !in.opensQuery()) {
      analyze = explainOptions();
    }
    Position position = in.position();
    ParsedStatement inner = statement();
    return switch (inner) {
      case Query q -> new Explain(analyze, q);
      case ParsedStatement.Insert i -> new Explain(analyze, i);
      case ParsedStatement.Update u -> new Explain(analyze, u);
      case ParsedStatement.Delete d -> new Explain(analyze, d);
      default ->
          throw position.error(
              ErrorCode.SYNTAX_ERROR, "EXPLAIN needs a query, INSERT, UPDATE or DELETE");
    };
  }

  private boolean explainOptions() {
    boolean analyze = false;
    in.expectSymbol("(");
    do {
      Token option = in.next();
      boolean value = !in.accept("false") && !in.accept("off");
      in.accept("true");
      in.accept("on");
      switch (option.text()) {
        case "analyze" -> analyze = value;
        case "verbose", "costs", "timing", "summary" -> {}
        default ->
            throw option
                .position()
                .unsupported("EXPLAIN option " + option.text().toUpperCase(Locale.ROOT));
      }
    } while (in.acceptSymbol(","));
    in.expectSymbol(")");
    return analyze;
  }
}
