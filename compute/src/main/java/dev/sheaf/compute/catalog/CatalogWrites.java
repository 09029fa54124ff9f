package dev.sheaf.compute.catalog;

/** Where DDL puts its writes: the statement of a transaction. */
public interface CatalogWrites {
  /** A row that must not exist yet; a concurrent twin is a conflict at commit. */
  void insert(byte[] key, byte[] row);

  /** A row that replaces the one at the key, or adds one. */
  void put(byte[] key, byte[] row);

  void delete(byte[] key);

  /** The transaction fails with 40001 if the key changed since its snapshot. */
  void guard(byte[] key);
}
