package dev.sheaf.rpc.control;

import dev.sheaf.protocol.DatabaseId;
import java.util.List;
import java.util.Optional;

/**
 * The databases that exist, as the control plane registered them: those that can be connected to,
 * so no backups. Thread-safe; answers from a watched copy.
 */
public interface DatabaseDirectory {
  /**
   * In the name of a backup, between that of its database and its own. No database has it, and it
   * stands for itself in a URL.
   */
  char BACKUP_MARK = '~';

  Optional<DatabaseInfo> byName(String name);

  /** Sorted by name. */
  List<DatabaseInfo> all();

  /**
   * @param name what clients connect to
   * @param ready false while its root shard is not served yet
   */
  record DatabaseInfo(DatabaseId id, String name, boolean ready) {}
}
