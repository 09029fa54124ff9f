package dev.sheaf.control.registry;

/** Where a database is in its life. It only moves forward. */
public enum DatabaseState {
  /**
   * A branch or a backup is registered; its first manifest is not written yet, so nobody may open
   * its shard.
   */
  BRANCHING,
  /** Registered; its root shard has not been opened yet. */
  CREATING,
  /** Its root shard has been opened once; sessions are welcome. A backup has been taken. */
  READY,
  /** Sessions are refused; what it stored is being deleted. The name stays taken until then. */
  DELETING
}
