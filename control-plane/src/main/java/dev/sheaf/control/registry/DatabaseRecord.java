package dev.sheaf.control.registry;

import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.ShardId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A registered database, or a backup of one: a branch that nobody opens, so that it stays as it
 * began.
 *
 * @param id never reused, unlike the name
 * @param createdAt to the millisecond
 * @param token unique to the write that left the record so: tells whether a write of unknown
 *     outcome was applied
 * @param origin of a branch
 * @param takeover of a branch that is to take another database's name
 * @param window how much of its past is kept; empty: as much as of every database
 */
public record DatabaseRecord(
    DatabaseId id,
    DatabaseName name,
    DatabaseState state,
    Instant createdAt,
    String token,
    Optional<Origin> origin,
    Optional<Takeover> takeover,
    Optional<Duration> window) {

  /** A database that is no branch. */
  DatabaseRecord(
      DatabaseId id, DatabaseName name, DatabaseState state, Instant createdAt, String token) {
    this(id, name, state, createdAt, token, Optional.empty(), Optional.empty(), Optional.empty());
  }

  public ShardId rootShard() {
    return ShardId.root(id);
  }

  /** Whether it is a backup: kept to begin branches with, never opened. */
  public boolean isBackup() {
    return name.isBackup();
  }

  /** Whether it is a branch or a backup of the database. */
  public boolean branchesOff(DatabaseId parent) {
    return origin.filter(from -> from.parent().equals(parent)).isPresent();
  }

  DatabaseRecord in(DatabaseState newState, String newToken) {
    return new DatabaseRecord(id, name, newState, createdAt, newToken, origin, takeover, window);
  }

  DatabaseRecord named(DatabaseName newName, String newToken) {
    return new DatabaseRecord(id, newName, state, createdAt, newToken, origin, takeover, window);
  }

  DatabaseRecord settled(String newToken) {
    return new DatabaseRecord(
        id, name, DatabaseState.READY, createdAt, newToken, origin, Optional.empty(), window);
  }

  DatabaseRecord keeping(Duration past, String newToken) {
    return new DatabaseRecord(
        id, name, state, createdAt, newToken, origin, takeover, Optional.of(past));
  }
}
