package dev.sheaf.cli.client;

import dev.sheaf.cli.error.CliException;
import dev.sheaf.cli.error.ExitCode;
import dev.sheaf.columnar.arrow.ArrowReader;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.arrow.flight.CallOption;
import org.apache.arrow.flight.CallOptions;
import org.apache.arrow.flight.CloseSessionRequest;
import org.apache.arrow.flight.CloseSessionResult;
import org.apache.arrow.flight.FlightCallHeaders;
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.flight.FlightEndpoint;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.HeaderCallOption;
import org.apache.arrow.flight.Location;
import org.apache.arrow.flight.client.ClientCookieMiddleware;
import org.apache.arrow.flight.sql.FlightSqlClient;
import org.apache.arrow.flight.sql.FlightSqlClient.ExecuteIngestOptions;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest.TableDefinitionOptions;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest.TableDefinitionOptions.TableExistsOption;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest.TableDefinitionOptions.TableNotExistOption;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * One session with a server over Flight SQL. Statements run one at a time; {@link #cancel} may come
 * from another thread. Failures are {@link SqlException}.
 */
public final class SqlClient implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(SqlClient.class.getName());
  private static final long CLOSE_SECONDS = 2;

  private final BufferAllocator allocator;
  private final FlightSqlClient client;
  private final CallOption[] options;
  private volatile @Nullable FlightStream running;

  private SqlClient(BufferAllocator allocator, FlightSqlClient client, CallOption[] options) {
    this.allocator = allocator;
    this.client = client;
    this.options = options;
  }

  /** Connects and authenticates. */
  public static SqlClient connect(Endpoint endpoint) {
    BufferAllocator allocator = new RootAllocator();
    FlightClient flight = open(allocator, endpoint);
    var headers = new FlightCallHeaders();
    if (endpoint.database() != null) {
      headers.insert("database", endpoint.database());
    }
    if (endpoint.branch() != null) {
      headers.insert("branch", endpoint.branch());
    }
    List<CallOption> options = new ArrayList<>();
    options.add(new HeaderCallOption(headers));
    FlightSqlClient client = new FlightSqlClient(flight);
    try {
      Optional<? extends CallOption> token =
          flight.authenticateBasicToken(endpoint.user(), endpoint.password());
      token.ifPresent(options::add);
    } catch (FlightRuntimeException e) {
      closeQuietly(client, allocator);
      throw new SqlException(SqlError.of(e), e);
    }
    return new SqlClient(allocator, client, options.toArray(CallOption[]::new));
  }

  private static FlightClient open(BufferAllocator allocator, Endpoint endpoint) {
    FlightClient.Builder builder =
        FlightClient.builder().allocator(allocator).intercept(new ClientCookieMiddleware.Factory());
    if (endpoint.tls().isEmpty()) {
      return builder.location(Location.forGrpcInsecure(endpoint.host(), endpoint.port())).build();
    }
    builder.location(Location.forGrpcTls(endpoint.host(), endpoint.port())).useTls();
    Optional<Path> authority = endpoint.tls().get().authority();
    if (authority.isEmpty()) {
      return builder.build();
    }
    try (InputStream certificate = Files.newInputStream(authority.get())) {
      return builder.trustedCertificates(certificate).build();
    } catch (IOException | IllegalArgumentException e) {
      allocator.close();
      throw new CliException(
          ExitCode.USAGE,
          "cannot use " + authority.get() + ": " + e.getMessage(),
          "Name a PEM file with the certificate of the authority.");
    }
  }

  /** Allocator for batches to ingest. */
  public BufferAllocator allocator() {
    return allocator;
  }

  /** Receives a statement's rows. */
  public interface Rows {
    void fields(List<Field> fields);

    void batch(Batch batch);
  }

  /** What a statement did. */
  public sealed interface Outcome {
    /** It returned rows, now all read. */
    record Queried(long rows) implements Outcome {}

    /** It returned none; 0 for DDL and the like. */
    record Changed(long rows) implements Outcome {}
  }

  /**
   * Runs any statement. Rows go to the receiver, which hears nothing from a statement without a
   * result.
   */
  public Outcome execute(String sql, Rows rows) {
    return call(() -> {
      try (var statement = client.prepare(sql, options)) {
        if (statement.getResultSetSchema().getFields().isEmpty()) {
          return new Outcome.Changed(Math.max(0, statement.executeUpdate(options)));
        }
        long count = 0;
        for (FlightEndpoint endpoint : statement.execute(options).getEndpoints()) {
          count += read(endpoint, rows);
        }
        return new Outcome.Queried(count);
      }
    });
  }

  private long read(FlightEndpoint endpoint, Rows rows) {
    long count = 0;
    try (FlightStream stream = client.getStream(endpoint.getTicket(), options)) {
      running = stream;
      Schema schema = stream.getSchema();
      if (schema.getFields().isEmpty()) {
        while (stream.next()) {
          count += stream.getRoot().getRowCount();
        }
        return count;
      }
      ArrowReader reader = ArrowReader.natural(schema, stream.getDictionaryProvider());
      rows.fields(reader.fields());
      while (stream.next()) {
        VectorSchemaRoot root = stream.getRoot();
        for (Batch batch : reader.readBatches(root)) {
          rows.batch(batch);
        }
        count += root.getRowCount();
      }
      return count;
    } catch (FlightRuntimeException | SheafException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("cannot close the result stream", e);
    } finally {
      running = null;
    }
  }

  /** Appends a stream of batches to a table, atomically; rows added. */
  public long ingest(String table, org.apache.arrow.vector.ipc.ArrowReader source) {
    var existing =
        TableDefinitionOptions.newBuilder()
            .setIfExists(TableExistsOption.TABLE_EXISTS_OPTION_APPEND)
            .setIfNotExist(TableNotExistOption.TABLE_NOT_EXIST_OPTION_FAIL)
            .build();
    var ingest = new ExecuteIngestOptions(table, existing, null, null, null);
    return call(() -> client.executeIngest(source, ingest, options));
  }

  /**
   * Table and column names for completion, as schema, table, column; column null for the table
   * itself.
   */
  public List<String[]> names() {
    List<String[]> names = new ArrayList<>();
    execute(
        "SELECT table_schema, table_name, column_name FROM information_schema.columns"
            + " ORDER BY table_schema, table_name, ordinal_position",
        new RowTexts(names));
    return names;
  }

  /** Calls that no command needs, with the options that carry this session. */
  public void direct(BiConsumer<FlightSqlClient, CallOption[]> calls) {
    call(() -> {
      calls.accept(client, options);
      return true;
    });
  }

  /** Stops the statement that another thread is reading, if any. */
  public void cancel() {
    FlightStream stream = running;
    if (stream != null) {
      stream.cancel("canceled by the user", null);
    }
  }

  private static <T> T call(Supplier<T> action) {
    try {
      return action.get();
    } catch (FlightRuntimeException e) {
      throw new SqlException(SqlError.of(e), e);
    }
  }

  /** Ends the session as well: an open transaction is rolled back now, not when it times out. */
  @Override
  public void close() {
    try {
      CloseSessionResult unused =
          client.closeSession(
              new CloseSessionRequest(),
              Stream.concat(
                      Stream.of(options),
                      Stream.of(CallOptions.timeout(CLOSE_SECONDS, TimeUnit.SECONDS)))
                  .toArray(CallOption[]::new));
    } catch (FlightRuntimeException e) {
      // The server is gone or knows no such session; else the session ends by itself.
      LOG.log(System.Logger.Level.DEBUG, "closing the session", e);
    }
    closeQuietly(client, allocator);
  }

  private static void closeQuietly(FlightSqlClient client, BufferAllocator allocator) {
    try {
      client.close();
      allocator.close();
    } catch (Exception e) {
      // The process is about to end or to report the error that led here; nothing is lost by it.
      LOG.log(System.Logger.Level.DEBUG, "closing the connection", e);
    }
  }
}
