package dev.sheaf.control.registry;

import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.ShardId;
import java.time.Instant;

/**
 * A registered database.
 *
 * @param id never reused, unlike the name
 * @param createdAt to the millisecond
 * @param token unique to the write that left the record so: tells whether a write of unknown
 *     outcome was applied
 */
public record DatabaseRecord(
    DatabaseId id, DatabaseName name, DatabaseState state, Instant createdAt, String token) {

  public ShardId rootShard() {
    return ShardId.root(id);
  }

  DatabaseRecord in(DatabaseState newState, String newToken) {
    return new DatabaseRecord(id, name, newState, createdAt, newToken);
  }
}
