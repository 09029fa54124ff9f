package dev.sheaf.flightsql;

import dev.sheaf.flightsql.Calls.Call;
import dev.sheaf.flightsql.stream.IncomingBatches;
import dev.sheaf.flightsql.stream.Patience;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.sql.SqlSession;
import dev.sheaf.rpc.sql.SqlSession.IngestTarget;
import org.apache.arrow.flight.FlightProducer.StreamListener;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.PutResult;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest.TableDefinitionOptions;

/**
 * Bulk ingest: a client's stream becomes rows of a table, all or none. Thread-safe.
 *
 * <p>Clients call the combinations of the two options create (CREATE, FAIL), append (FAIL, APPEND),
 * create_append (CREATE, APPEND) and replace (CREATE, REPLACE).
 */
final class IngestCalls {
  private final Calls calls;
  private final PutAnswers answers;
  private final Patience patience;

  IngestCalls(Calls calls, PutAnswers answers, Patience patience) {
    this.calls = calls;
    this.answers = answers;
    this.patience = patience;
  }

  void ingest(
      CommandStatementIngest command, FlightStream stream, StreamListener<PutResult> listener) {
    IngestTarget target = target(command);
    try (Call call = calls.beginIn(command.getTransactionId());
        var rows = IncomingBatches.natural(stream, patience)) {
      SqlSession sql =
          command.hasCatalog() && call.transaction() == null
              ? call.session().databases().open(command.getCatalog(), call.caller())
              : call.sql();
      if (command.hasCatalog() && !command.getCatalog().equals(sql.database())) {
        throw refused(
            "the transaction is on database \""
                + sql.database()
                + "\", the ingest on \""
                + command.getCatalog()
                + "\"");
      }
      long count = sql.ingest(target, rows.fields(), rows, call.transaction(), call.cancel());
      answers.count(listener, count);
    }
  }

  private static IngestTarget target(CommandStatementIngest command) {
    if (command.getTemporary()) {
      throw refused("temporary tables are not supported");
    }
    if (command.getOptionsCount() > 0) {
      throw refused(
          "unknown ingest option \"" + command.getOptionsMap().keySet().iterator().next() + "\"");
    }
    if (command.getTable().isEmpty()) {
      throw new SheafException(ErrorCode.INVALID_PARAMETER_VALUE, "the ingest names no table");
    }
    TableDefinitionOptions options = command.getTableDefinitionOptions();
    return new IngestTarget(
        command.hasSchema() ? command.getSchema() : null,
        command.getTable(),
        switch (options.getIfNotExist()) {
          case TABLE_NOT_EXIST_OPTION_CREATE -> IngestTarget.IfMissing.CREATE;
          case TABLE_NOT_EXIST_OPTION_FAIL -> IngestTarget.IfMissing.FAIL;
          case TABLE_NOT_EXIST_OPTION_UNSPECIFIED, UNRECOGNIZED -> throw unspecified();
        },
        switch (options.getIfExists()) {
          case TABLE_EXISTS_OPTION_FAIL -> IngestTarget.IfExists.FAIL;
          case TABLE_EXISTS_OPTION_APPEND -> IngestTarget.IfExists.APPEND;
          case TABLE_EXISTS_OPTION_REPLACE -> IngestTarget.IfExists.REPLACE;
          case TABLE_EXISTS_OPTION_UNSPECIFIED, UNRECOGNIZED -> throw unspecified();
        });
  }

  private static SheafException unspecified() {
    return new SheafException(
            ErrorCode.INVALID_PARAMETER_VALUE,
            "the ingest does not say whether to create or append")
        .withHint("Set both table definition options: if_not_exist and if_exists.");
  }

  private static SheafException refused(String what) {
    return new SheafException(ErrorCode.FEATURE_NOT_SUPPORTED, what);
  }
}
