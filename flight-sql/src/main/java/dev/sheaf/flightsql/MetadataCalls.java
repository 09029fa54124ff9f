package dev.sheaf.flightsql;

import dev.sheaf.flightsql.Calls.Call;
import dev.sheaf.flightsql.error.FlightErrors;
import dev.sheaf.flightsql.metadata.SchemaAnswers;
import dev.sheaf.flightsql.metadata.ServerFacts;
import dev.sheaf.flightsql.metadata.TypeInfoAnswer;
import dev.sheaf.rpc.sql.SqlService;
import dev.sheaf.rpc.sql.SqlSession;
import io.grpc.Context;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.arrow.flight.FlightDescriptor;
import org.apache.arrow.flight.FlightEndpoint;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightProducer.ServerStreamListener;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.flight.sql.FlightSqlProducer.Schemas;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetDbSchemas;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetPrimaryKeys;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetSqlInfo;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetTables;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetXdbcTypeInfo;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Metadata calls. Their ticket is the command itself: it says nothing that a client may not say.
 * Answers are one batch. A catalog other than the session's is looked up only when asked for by
 * name, so that listing tables does not wake every database. Thread-safe.
 */
final class MetadataCalls {
  private final Calls calls;
  private final SqlService service;
  private final ServerFacts facts;
  private final BufferAllocator allocator;
  private final Executor threads;

  MetadataCalls(
      Calls calls,
      SqlService service,
      ServerFacts facts,
      BufferAllocator allocator,
      Executor threads) {
    this.calls = calls;
    this.service = service;
    this.facts = facts;
    this.allocator = allocator;
    this.threads = threads;
  }

  FlightInfo info(Schema schema, FlightDescriptor descriptor) {
    var endpoint = new FlightEndpoint(new Ticket(descriptor.getCommand()));
    return FlightInfo.builder(schema, descriptor, List.of(endpoint)).build();
  }

  void serverFacts(CommandGetSqlInfo command, ServerStreamListener listener) {
    facts.send(command.getInfoList(), listener);
  }

  void catalogs(ServerStreamListener listener) {
    answer(
        Schemas.GET_CATALOGS_SCHEMA,
        listener,
        root -> SchemaAnswers.catalogs(service.databases(), root));
  }

  void tableTypes(ServerStreamListener listener) {
    answer(Schemas.GET_TABLE_TYPES_SCHEMA, listener, SchemaAnswers::tableTypes);
  }

  void typeInfo(CommandGetXdbcTypeInfo command, ServerStreamListener listener) {
    answer(Schemas.GET_TYPE_INFO_SCHEMA, listener, root -> TypeInfoAnswer.fill(command, root));
  }

  void schemas(CommandGetDbSchemas command, ServerStreamListener listener) {
    inCatalog(
        command.hasCatalog() ? command.getCatalog() : null,
        Schemas.GET_SCHEMAS_SCHEMA,
        listener,
        (sql, root) -> SchemaAnswers.schemas(sql, command, root));
  }

  void tables(CommandGetTables command, ServerStreamListener listener) {
    inCatalog(
        command.hasCatalog() ? command.getCatalog() : null,
        command.getIncludeSchema()
            ? Schemas.GET_TABLES_SCHEMA
            : Schemas.GET_TABLES_SCHEMA_NO_SCHEMA,
        listener,
        (sql, root) -> SchemaAnswers.tables(sql, command, root));
  }

  void primaryKeys(CommandGetPrimaryKeys command, ServerStreamListener listener) {
    inCatalog(
        command.hasCatalog() ? command.getCatalog() : null,
        Schemas.GET_PRIMARY_KEYS_SCHEMA,
        listener,
        (sql, root) -> SchemaAnswers.primaryKeys(sql, command, root));
  }

  /** An answer without rows: there are no foreign keys. */
  void nothing(Schema schema, ServerStreamListener listener) {
    answer(schema, listener, root -> root.setRowCount(0));
  }

  /**
   * @param catalog null = the session's; "" = things without a catalog, so none
   */
  private void inCatalog(
      @Nullable String catalog,
      Schema schema,
      ServerStreamListener listener,
      BiConsumer<SqlSession, VectorSchemaRoot> fill) {
    answer(
        schema,
        listener,
        root -> {
          try (Call call = calls.begin()) {
            if (catalog == null) {
              fill.accept(call.sql(), root);
            } else if (service.databases().contains(catalog)) {
              fill.accept(call.session().databases().open(catalog, call.caller()), root);
            } else {
              root.setRowCount(0);
            }
          }
        });
  }

  /** On a thread of its own, because the engine may have to wait for the catalog. */
  private void answer(
      Schema schema, ServerStreamListener listener, Consumer<VectorSchemaRoot> fill) {
    Runnable body =
        () -> {
          try (var root = VectorSchemaRoot.create(schema, allocator)) {
            fill.accept(root);
            listener.start(root);
            listener.putNext();
            listener.completed();
          } catch (Throwable e) {
            listener.error(FlightErrors.toStatus(e));
          }
        };
    threads.execute(Context.current().wrap(body));
  }
}
