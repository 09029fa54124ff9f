package dev.sheaf.flightsql;

import dev.sheaf.columnar.arrow.ArrowTypes;
import dev.sheaf.flightsql.Calls.Call;
import dev.sheaf.flightsql.session.HeldStatement;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.sql.SqlSession;
import dev.sheaf.rpc.sql.SqlSession.PreparedSql;
import java.util.function.LongSupplier;
import org.apache.arrow.flight.FlightDescriptor;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightProducer.StreamListener;
import org.apache.arrow.flight.PutResult;
import org.apache.arrow.flight.SchemaResult;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementQuery;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementUpdate;

/** Statements that come as text. Thread-safe. */
final class StatementCalls {
  /** Longer texts are refused before anybody parses them. */
  static final int MAX_TEXT = 1 << 20;

  private final Calls calls;
  private final QueryStarter starter;
  private final PutAnswers answers;
  private final LongSupplier nanoClock;

  StatementCalls(Calls calls, QueryStarter starter, PutAnswers answers, LongSupplier nanoClock) {
    this.calls = calls;
    this.starter = starter;
    this.answers = answers;
    this.nanoClock = nanoClock;
  }

  FlightInfo query(CommandStatementQuery command, FlightDescriptor descriptor) {
    try (Call call = calls.beginIn(command.getTransactionId())) {
      return starter.start(call, prepare(call, command.getQuery()), null, descriptor);
    }
  }

  SchemaResult schema(CommandStatementQuery command) {
    try (Call call = calls.beginIn(command.getTransactionId())) {
      HeldStatement statement = prepare(call, command.getQuery());
      try {
        return new SchemaResult(ArrowTypes.resultSchema(statement.prepared().resultFields()));
      } finally {
        statement.release();
      }
    }
  }

  void update(CommandStatementUpdate command, StreamListener<PutResult> listener) {
    try (Call call = calls.beginIn(command.getTransactionId())) {
      HeldStatement statement = prepare(call, command.getQuery());
      long count;
      try {
        count = starter.update(call, statement, null);
      } finally {
        statement.release();
      }
      answers.count(listener, count);
    }
  }

  /** A statement held by the caller. */
  HeldStatement prepare(Call call, String text) {
    if (text.length() > MAX_TEXT) {
      throw new SheafException(
              ErrorCode.PROGRAM_LIMIT_EXCEEDED,
              "the statement has " + text.length() + " characters; the limit is " + MAX_TEXT)
          .withHint("Bind parameters or use bulk ingest to send data.");
    }
    SqlSession sql = call.sql();
    PreparedSql prepared = sql.prepare(text, call.transaction());
    return new HeldStatement(sql, prepared, call.transaction(), nanoClock.getAsLong());
  }
}
