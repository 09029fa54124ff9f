package dev.sheaf.compute.sql;

import dev.sheaf.compute.sql.ParsedStatement.Begin;
import dev.sheaf.compute.sql.ParsedStatement.Commit;
import dev.sheaf.compute.sql.ParsedStatement.DiffState;
import dev.sheaf.compute.sql.ParsedStatement.Isolation;
import dev.sheaf.compute.sql.ParsedStatement.Reset;
import dev.sheaf.compute.sql.ParsedStatement.Rollback;
import dev.sheaf.compute.sql.ParsedStatement.SetTransaction;
import dev.sheaf.compute.sql.ParsedStatement.SetVariable;
import dev.sheaf.compute.sql.ParsedStatement.Show;
import dev.sheaf.compute.sql.ParsedStatement.ShowDiff;
import dev.sheaf.compute.sql.ParsedStatement.ShowStatements;
import dev.sheaf.compute.sql.ParsedStatement.TransactionModes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads transaction control and settings. */
final class CommandParser {
  /** What SHOW followed by the word stands for. */
  private static final Map<String, String> LISTINGS =
      Map.of(
          "databases",
          "SELECT catalog_name AS database FROM information_schema.schemata GROUP BY 1 ORDER BY 1",
          "schemas",
          "SELECT schema_name AS schema FROM information_schema.schemata ORDER BY 1",
          "tables",
          "SELECT table_schema AS schema, table_name AS name FROM information_schema.tables"
              + " WHERE table_schema <> 'information_schema' ORDER BY 1, 2");

  private final TokenStream in;
  private final ExpressionParser expressions;

  CommandParser(TokenStream in, ExpressionParser expressions) {
    this.in = in;
    this.expressions = expressions;
  }

  ParsedStatement begin() {
    if (in.accept("start")) {
      in.expect("transaction");
    } else {
      in.expect("begin");
      blockWord();
    }
    return new Begin(modes());
  }

  ParsedStatement commit() {
    if (in.areWords("commit", "prepared")) {
      throw in.position().unsupported("COMMIT PREPARED");
    }
    in.next();
    blockWord();
    noChain();
    return new Commit();
  }

  ParsedStatement rollback() {
    if (in.areWords("rollback", "prepared")) {
      throw in.position().unsupported("ROLLBACK PREPARED");
    }
    in.next();
    blockWord();
    if (in.isWord("to")) {
      throw in.position().unsupported("a savepoint");
    }
    noChain();
    return new Rollback();
  }

  private void blockWord() {
    if (!in.accept("work")) {
      in.accept("transaction");
    }
  }

  private void noChain() {
    if (in.areWords("and", "chain")) {
      throw in.position().unsupported("AND CHAIN");
    }
    in.accept("and", "no", "chain");
  }

  private TransactionModes modes() {
    @Nullable Isolation isolation = null;
    @Nullable Boolean readOnly = null;
    do {
      if (in.accept("isolation", "level")) {
        isolation = isolation();
      } else if (in.accept("read", "only")) {
        readOnly = true;
      } else if (in.accept("read", "write")) {
        readOnly = false;
      } else if (in.isWord("deferrable") || in.areWords("not", "deferrable")) {
        throw in.position().unsupported("a deferrable transaction");
      } else {
        break;
      }
      in.acceptSymbol(",");
    } while (true);
    return new TransactionModes(isolation, readOnly);
  }

  private Isolation isolation() {
    if (in.accept("serializable")) {
      return Isolation.SERIALIZABLE;
    }
    // PostgreSQL's REPEATABLE READ is snapshot isolation, too.
    if (in.accept("snapshot") || in.accept("repeatable", "read")) {
      return Isolation.SNAPSHOT;
    }
    if (in.accept("read", "committed") || in.accept("read", "uncommitted")) {
      return Isolation.READ_COMMITTED;
    }
    throw in.unexpected();
  }

  ParsedStatement set() {
    in.expect("set");
    boolean local = in.accept("local");
    boolean session = !local && in.accept("session");
    if (session && in.accept("characteristics", "as", "transaction")) {
      return new SetTransaction(modes(), true);
    }
    if (!session && in.accept("transaction")) {
      return new SetTransaction(modes(), false);
    }
    if (in.areWords("time", "zone")) {
      Position position = in.position();
      in.accept("time", "zone");
      List<String> value = in.accept("local") ? null : values();
      return new SetVariable(new Identifier("timezone", position), value, local);
    }
    Identifier name = settingName();
    if (!in.acceptSymbol("=")) {
      in.expect("to");
    }
    return new SetVariable(name, values(), local);
  }

  private Identifier settingName() {
    Identifier first = in.label();
    if (!in.acceptSymbol(".")) {
      return first;
    }
    return new Identifier(first.name() + "." + in.label().name(), first.position());
  }

  /** The values; null for DEFAULT. */
  private @Nullable List<String> values() {
    if (in.accept("default")) {
      return null;
    }
    var values = new ArrayList<String>();
    do {
      String sign = in.acceptSymbol("-") ? "-" : "";
      Token token = in.peek();
      switch (token.kind()) {
        case WORD, QUOTED, STRING, NUMBER -> values.add(sign + token.text());
        case PARAMETER, SYMBOL, END -> throw in.unexpected();
      }
      in.next();
    } while (in.acceptSymbol(","));
    return values;
  }

  ParsedStatement show() {
    in.expect("show");
    if (in.accept("diff")) {
      return diff();
    }
    if (in.accept("statements")) {
      return new ShowStatements();
    }
    for (Map.Entry<String, String> listing : LISTINGS.entrySet()) {
      if (in.accept(listing.getKey())) {
        return SqlParser.parse(listing.getValue());
      }
    }
    return new Show(name());
  }

  private ParsedStatement diff() {
    @Nullable TableName table = in.accept("table") ? in.tableName() : null;
    if (!in.isWord("from") && !in.isWord("to")) {
      throw in.unexpected();
    }
    DiffState from = state("from");
    DiffState to = state("to");
    @Nullable Integer limit = in.accept("limit") ? (Integer) in.integer() : null;
    return new ShowDiff(table, from, to, limit);
  }

  /** {@code FROM [database] [AT moment]}: nothing at all is the session's database, now. */
  private DiffState state(String word) {
    Position position = in.position();
    if (!in.accept(word)) {
      return new DiffState(null, null, position);
    }
    @Nullable Identifier database = null;
    if (in.peek().kind() == Token.Kind.STRING) {
      database = new Identifier(in.string(), position);
    } else if (!in.isWord("at")) {
      database = in.identifier();
    }
    @Nullable String at = null;
    if (in.accept("at")) {
      int start = in.offset();
      expressions.expression();
      at = in.textSince(start);
    }
    return new DiffState(database, at, position);
  }

  ParsedStatement reset() {
    in.expect("reset");
    return new Reset(name());
  }

  private @Nullable Identifier name() {
    Position position = in.position();
    if (in.accept("all")) {
      return null;
    }
    if (in.accept("time", "zone")) {
      return new Identifier("timezone", position);
    }
    if (in.accept("transaction", "isolation", "level")) {
      return new Identifier("transaction_isolation", position);
    }
    return settingName();
  }
}
