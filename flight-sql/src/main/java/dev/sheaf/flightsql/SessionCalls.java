package dev.sheaf.flightsql;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.sheaf.flightsql.Calls.Call;
import dev.sheaf.flightsql.session.Caller;
import dev.sheaf.flightsql.session.ClientSession;
import dev.sheaf.flightsql.session.Handles;
import dev.sheaf.flightsql.session.Handles.Handle;
import dev.sheaf.flightsql.session.Sessions;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.arrow.flight.CancelStatus;
import org.apache.arrow.flight.CloseSessionResult;
import org.apache.arrow.flight.FlightEndpoint;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.GetSessionOptionsResult;
import org.apache.arrow.flight.SessionOptionValue;
import org.apache.arrow.flight.SessionOptionValueFactory;
import org.apache.arrow.flight.SetSessionOptionsRequest;
import org.apache.arrow.flight.SetSessionOptionsResult;
import org.apache.arrow.flight.SetSessionOptionsResult.ErrorValue;
import org.apache.arrow.flight.sql.impl.FlightSql.TicketStatementQuery;
import org.jspecify.annotations.Nullable;

/**
 * Session options, the end of a session, cancellation. Thread-safe.
 *
 * <p>Options are {@code catalog} (the database), {@code schema}, and every name that SET knows.
 */
final class SessionCalls {
  private static final String CATALOG = "catalog";

  private final Calls calls;
  private final Sessions sessions;
  private final Handles handles;

  SessionCalls(Calls calls, Sessions sessions, Handles handles) {
    this.calls = calls;
    this.sessions = sessions;
    this.handles = handles;
  }

  SetSessionOptionsResult set(SetSessionOptionsRequest request) {
    Map<String, SetSessionOptionsResult.Error> errors = new LinkedHashMap<>();
    try (Call call = calls.begin()) {
      // The database first: the other options are settings of it.
      Map<String, SessionOptionValue> options = request.getSessionOptions();
      SessionOptionValue catalog = options.get(CATALOG);
      if (catalog != null) {
        set(call, CATALOG, catalog, errors);
      }
      options.forEach((name, value) -> {
        if (!name.equals(CATALOG)) {
          set(call, name, value, errors);
        }
      });
    }
    return new SetSessionOptionsResult(errors);
  }

  private static void set(
      Call call,
      String name,
      SessionOptionValue option,
      Map<String, SetSessionOptionsResult.Error> errors) {
    try {
      @Nullable String value = option.acceptVisitor(new OptionText());
      if (value != null && value.isEmpty()) {
        value = null;
      }
      var databases = call.session().databases();
      if (name.equals(CATALOG)) {
        databases.setCatalog(value);
      } else {
        // Opened now, so that a wrong name or value is this option's error.
        var unused = call.sql();
        databases.set(name, value);
      }
    } catch (SheafException e) {
      errors.put(name, new SetSessionOptionsResult.Error(reason(e.code())));
    }
  }

  private static ErrorValue reason(ErrorCode code) {
    return switch (code) {
      case UNDEFINED_OBJECT -> ErrorValue.INVALID_NAME;
      case INVALID_PARAMETER_VALUE, INVALID_TIME_ZONE_DISPLACEMENT, INVALID_SCHEMA_NAME ->
          ErrorValue.INVALID_VALUE;
      default -> ErrorValue.ERROR;
    };
  }

  /** The options that were set; asking does not start a session. */
  GetSessionOptionsResult get() {
    Map<String, SessionOptionValue> options = new LinkedHashMap<>();
    sessions
        .find(Caller.current())
        .ifPresent(session -> {
          String catalog = session.databases().catalog();
          if (catalog != null) {
            options.put(CATALOG, SessionOptionValueFactory.makeSessionOptionValue(catalog));
          }
          session
              .databases()
              .settings()
              .forEach((name, value) ->
                  options.put(
                      name.equals("search_path") ? "schema" : name,
                      SessionOptionValueFactory.makeSessionOptionValue(value)));
        });
    return new GetSessionOptionsResult(options);
  }

  CloseSessionResult close() {
    Optional<ClientSession> session = sessions.find(Caller.current());
    session.ifPresent(sessions::close);
    return new CloseSessionResult(
        session.isPresent()
            ? CloseSessionResult.Status.CLOSED
            : CloseSessionResult.Status.NOT_CLOSABLE);
  }

  /** Drops a waiting query or stops a running one. */
  CancelStatus cancel(FlightInfo info) {
    boolean found = false;
    for (FlightEndpoint endpoint : info.getEndpoints()) {
      Handle handle = handles.decodeTicket(ticket(endpoint).getStatementHandle());
      try (Call call = calls.begin(handle)) {
        found |= call.session().statements().cancel(handle.number());
      }
    }
    return found ? CancelStatus.CANCELLED : CancelStatus.NOT_CANCELLABLE;
  }

  private static TicketStatementQuery ticket(FlightEndpoint endpoint) {
    try {
      return Any.parseFrom(endpoint.getTicket().getBytes()).unpack(TicketStatementQuery.class);
    } catch (InvalidProtocolBufferException e) {
      throw new SheafException(
          ErrorCode.PROTOCOL_VIOLATION, "the ticket to cancel is not a query's", e);
    }
  }
}
