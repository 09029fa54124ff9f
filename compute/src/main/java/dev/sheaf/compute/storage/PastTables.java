package dev.sheaf.compute.storage;

import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.catalog.TableDescriptor;

/** Tables as they were, for FOR SYSTEM_TIME AS OF. */
@FunctionalInterface
public interface PastTables {
  /**
   * The table that {@code current} was at the timestamp: the one with its id, else (TRUNCATE and
   * DROP give new ids) the one with its name. 42P01 if there was none.
   */
  TableDescriptor at(TableDescriptor current, Timestamp timestamp);
}
