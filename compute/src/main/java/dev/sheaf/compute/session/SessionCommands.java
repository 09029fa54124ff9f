package dev.sheaf.compute.session;

import dev.sheaf.compute.sql.ParsedStatement;
import dev.sheaf.compute.sql.ParsedStatement.Isolation;
import dev.sheaf.compute.sql.ParsedStatement.TransactionModes;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.rpc.sql.SqlSession.SqlResult;
import dev.sheaf.rpc.sql.SqlSession.StatementKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** BEGIN, COMMIT, ROLLBACK, SET, RESET, SHOW as SQL text. Thread-safe. */
final class SessionCommands {
  private static final SqlResult DONE = new SqlResult.UpdateCount(0);

  private final Settings settings;
  private final SessionTransactions transactions;
  private final Function<Boolean, OpenTransaction> newTransaction;
  private final Supplier<SqlResult> statements;

  /** What SET LOCAL has to put back. */
  private final Map<String, String> localBefore = new HashMap<>();

  /**
   * @param newTransaction by whether it is read-only
   * @param statements what SHOW STATEMENTS answers
   */
  SessionCommands(
      Settings settings,
      SessionTransactions transactions,
      Function<Boolean, OpenTransaction> newTransaction,
      Supplier<SqlResult> statements) {
    this.settings = settings;
    this.transactions = transactions;
    this.newTransaction = newTransaction;
    this.statements = statements;
  }

  StatementRunner.Description describe(ParsedStatement statement) {
    return switch (statement) {
      case ParsedStatement.Show show -> query(showFields(show));
      case ParsedStatement.ShowStatements _ -> query(RunningStatements.FIELDS);
      default -> StatementRunner.Description.COMMAND;
    };
  }

  private static StatementRunner.Description query(List<Field> fields) {
    return new StatementRunner.Description(StatementKind.QUERY, fields, List.of());
  }

  private List<Field> showFields(ParsedStatement.Show show) {
    if (show.name() == null) {
      return TextRows.fields("name", "setting", "description");
    }
    String name = show.name().name();
    settings.show(name);
    return TextRows.fields(name);
  }

  synchronized SqlResult run(
      ParsedStatement statement, @Nullable String handle, Deadline deadline) {
    return switch (statement) {
      case ParsedStatement.Begin begin -> {
        refuseHandle(handle);
        checkIsolation(begin.modes());
        Boolean readOnly = begin.modes().readOnly();
        transactions.begin(newTransaction.apply(readOnly == null ? settings.readOnly() : readOnly));
        yield DONE;
      }
      case ParsedStatement.Commit _ -> end(true, handle, deadline);
      case ParsedStatement.Rollback _ -> end(false, handle, deadline);
      case ParsedStatement.Show show -> {
        requireUsable(handle, deadline);
        yield show(show);
      }
      case ParsedStatement.ShowStatements _ -> {
        requireUsable(handle, deadline);
        yield statements.get();
      }
      case ParsedStatement.SetVariable set -> {
        requireUsable(handle, deadline);
        setVariable(set, handle);
        yield DONE;
      }
      case ParsedStatement.Reset reset -> {
        requireUsable(handle, deadline);
        if (reset.name() == null) {
          settings.resetAll();
        } else {
          settings.set(reset.name().name(), null);
        }
        yield DONE;
      }
      case ParsedStatement.SetTransaction set -> {
        requireUsable(handle, deadline);
        setTransaction(set, handle, deadline);
        yield DONE;
      }
      default -> DONE;
    };
  }

  /** In a failed transaction nothing but its end is accepted. */
  private void requireUsable(@Nullable String handle, Deadline deadline) {
    OpenTransaction open = transactions.find(handle);
    if (open != null) {
      open.run(deadline, transaction -> true);
    }
  }

  private static void refuseHandle(@Nullable String handle) {
    if (handle != null) {
      throw new SheafException(
              ErrorCode.ACTIVE_SQL_TRANSACTION,
              "the call names a transaction, so it cannot begin or end one by SQL text")
          .withHint("End the transaction the way it was begun.");
    }
  }

  private SqlResult end(boolean commit, @Nullable String handle, Deadline deadline) {
    refuseHandle(handle);
    try {
      transactions.end(commit, deadline);
    } finally {
      localBefore.forEach(settings::set);
      localBefore.clear();
    }
    return DONE;
  }

  private SqlResult show(ParsedStatement.Show show) {
    if (show.name() != null) {
      String value = settings.show(show.name().name());
      return TextRows.rows(showFields(show), List.of(List.of(value)));
    }
    List<List<String>> rows = new ArrayList<>();
    settings
        .all()
        .forEach((name, value) -> rows.add(List.of(name, value, Settings.description(name))));
    return TextRows.rows(showFields(show), rows);
  }

  private void setVariable(ParsedStatement.SetVariable set, @Nullable String handle) {
    String name = set.name().name();
    String value = set.values() == null ? null : String.join(", ", set.values());
    if (set.local()) {
      if (handle != null || transactions.find(null) == null) {
        throw new SheafException(
            ErrorCode.NO_ACTIVE_SQL_TRANSACTION,
            "SET LOCAL can only be used in a transaction begun by BEGIN");
      }
      localBefore.putIfAbsent(name, settings.show(name));
    }
    settings.set(name, value);
  }

  private void setTransaction(
      ParsedStatement.SetTransaction set, @Nullable String handle, Deadline deadline) {
    checkIsolation(set.modes());
    Boolean readOnly = set.modes().readOnly();
    if (set.session()) {
      if (readOnly != null) {
        settings.set(Settings.READ_ONLY, readOnly ? "on" : "off");
      }
      return;
    }
    OpenTransaction open = transactions.find(handle);
    if (open == null) {
      throw new SheafException(
          ErrorCode.NO_ACTIVE_SQL_TRANSACTION,
          "SET TRANSACTION can only be used in a transaction block");
    }
    if (readOnly != null) {
      open.run(
          deadline,
          transaction -> {
            transaction.setReadOnly(readOnly);
            return true;
          });
    }
  }

  private static void checkIsolation(TransactionModes modes) {
    if (modes.isolation() == Isolation.SERIALIZABLE) {
      throw Settings.noSerializable();
    }
  }
}
