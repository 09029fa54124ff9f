package dev.sheaf.control.server;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.sheaf.control.reconcile.DatabaseLifecycle.DatabaseStatus;
import dev.sheaf.control.reconcile.Operation;
import dev.sheaf.control.registry.DatabaseName;
import dev.sheaf.control.registry.DatabaseRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A database as REST shows it.
 *
 * @param state creating, ready, deleting, deleted
 * @param createdAt ISO 8601, UTC
 * @param parent of a branch: the name of what it branches off
 * @param branchedAt of a branch: it begins as its parent was then; ISO 8601, UTC
 * @param pastKept how far back it can be branched; ISO 8601 duration
 * @param connectionHeaders call headers that Flight and ADBC clients send with each call
 * @param connectionUris absent while no compute is there to connect to
 * @param operations work under way or just finished
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({
  "id",
  "name",
  "state",
  "created_at",
  "parent",
  "branched_at",
  "past_kept",
  "connection_uris",
  "connection_headers",
  "operations"
})
record DatabaseView(
    String id,
    String name,
    String state,
    String createdAt,
    @Nullable String parent,
    @Nullable String branchedAt,
    String pastKept,
    @Nullable ConnectionUris connectionUris,
    Map<String, String> connectionHeaders,
    List<OperationView> operations) {

  @JsonNaming(SnakeCaseStrategy.class)
  record ConnectionUris(String flightSql, String jdbc, String adbc) {}

  @JsonNaming(SnakeCaseStrategy.class)
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record OperationView(
      String id, String action, String status, int failuresCount, @Nullable String error) {}

  /**
   * @param nextCursor of the next page; absent on the last
   */
  @JsonNaming(SnakeCaseStrategy.class)
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Page(List<DatabaseView> databases, @Nullable String nextCursor) {}

  static DatabaseView of(
      DatabaseStatus status,
      String state,
      Optional<DatabaseName> parent,
      Duration pastKept,
      Optional<SqlAddress> address) {
    DatabaseRecord database = status.database();
    String name = database.name().value();
    return new DatabaseView(
        database.id().value(),
        name,
        state,
        database.createdAt().toString(),
        parent.map(DatabaseName::value).orElse(null),
        database
            .origin()
            .map(origin -> Instant.ofEpochMilli(origin.at().millis()).toString())
            .orElse(null),
        pastKept.toString(),
        address
            .map(sql -> new ConnectionUris(sql.flightSql(), sql.jdbc(name), sql.flightSql()))
            .orElse(null),
        Map.of("database", name),
        status.operations().stream().map(DatabaseView::view).toList());
  }

  static OperationView view(Operation operation) {
    return new OperationView(
        operation.id(),
        lower(operation.action()),
        lower(operation.status()),
        operation.failures(),
        operation.error().orElse(null));
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
