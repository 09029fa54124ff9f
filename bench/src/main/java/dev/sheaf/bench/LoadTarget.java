package dev.sheaf.bench;

import java.sql.Connection;

/** A system and one way to load a table into it. One load at a time. */
interface LoadTarget extends AutoCloseable {
  String name();

  /** Makes an empty lineitem with its primary key, in place of the one before. */
  void prepare() throws Exception;

  /** Loads all rows; they are durable at the end. */
  void load(LoadFiles files) throws Exception;

  /** What the loaded table takes on disk. */
  long storedBytes() throws Exception;

  /** For queries on what was loaded. */
  Connection connect() throws Exception;

  @Override
  void close() throws Exception;
}
