package dev.sheaf.control.server;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.sheaf.control.reconcile.DatabaseLifecycle.DatabaseStatus;
import dev.sheaf.control.registry.DatabaseRecord;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A backup as REST shows it.
 *
 * @param name without the database's part
 * @param database the name that it belongs to
 * @param state creating, ready, deleting, deleted
 * @param at it holds what the database was then; ISO 8601, UTC
 * @param createdAt when it was asked for; ISO 8601, UTC
 * @param operations work under way or just finished
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonPropertyOrder({"id", "name", "database", "state", "at", "created_at", "operations"})
record BackupView(
    String id,
    String name,
    String database,
    String state,
    String at,
    String createdAt,
    List<DatabaseView.OperationView> operations) {

  /**
   * @param nextCursor of the next page; absent on the last
   */
  @JsonNaming(SnakeCaseStrategy.class)
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Page(List<BackupView> backups, @Nullable String nextCursor) {}

  static BackupView of(DatabaseStatus status) {
    return of(status, DatabaseViews.state(status));
  }

  static BackupView of(DatabaseStatus status, String state) {
    DatabaseRecord backup = status.database();
    return new BackupView(
        backup.id().value(),
        backup.name().last(),
        backup.name().database().value(),
        state,
        Instant.ofEpochMilli(backup.origin().orElseThrow().at().millis()).toString(),
        backup.createdAt().toString(),
        status.operations().stream().map(DatabaseView::view).toList());
  }
}
