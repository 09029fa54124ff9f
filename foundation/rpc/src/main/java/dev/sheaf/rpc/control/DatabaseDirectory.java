package dev.sheaf.rpc.control;

import dev.sheaf.protocol.DatabaseId;
import java.util.List;
import java.util.Optional;

/**
 * The databases that exist, as the control plane registered them. Thread-safe; answers from a
 * watched copy.
 */
public interface DatabaseDirectory {
  Optional<DatabaseInfo> byName(String name);

  /** Sorted by name. */
  List<DatabaseInfo> all();

  /**
   * @param name what clients connect to
   * @param ready false while its root shard is not served yet
   */
  record DatabaseInfo(DatabaseId id, String name, boolean ready) {}
}
