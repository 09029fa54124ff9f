package dev.sheaf.protocol.catalog;

import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.protocol.type.PhysicalType;

/** What of the catalog's tables more than the compute has to know. Pure. */
public final class CatalogKeys {
  /** Id of the system table that has a row for each table, by the table's id (INT). */
  public static final int TABLES_ID = 2;

  private static final PhysicalType[] TABLES_KEY = {PhysicalType.INT};

  private CatalogKeys() {}

  /**
   * The key of a table's descriptor. It is there before any row of the table, guarded by every
   * write to the table, and deleted when the table is dropped. Ids are never used again, so it
   * never comes back.
   */
  public static byte[] table(int tableId) {
    return TableKey.encode(TABLES_ID, TABLES_KEY, new Object[] {tableId});
  }
}
