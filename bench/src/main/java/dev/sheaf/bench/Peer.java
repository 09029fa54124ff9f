package dev.sheaf.bench;

import io.trino.tpch.TpchTable;
import java.sql.Connection;
import java.sql.SQLException;

/** A system under test, reached over JDBC. */
interface Peer extends AutoCloseable {
  String name();

  Connection connect() throws SQLException;

  /** Creates a TPC-H table and loads it the fastest way the system has; rows loaded. */
  long load(TpchTable<?> table, double scale) throws Exception;

  @Override
  void close() throws Exception;
}
