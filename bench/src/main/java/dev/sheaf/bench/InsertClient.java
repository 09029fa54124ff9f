package dev.sheaf.bench;

/** One connection to a table {@code kv (id BIGINT PRIMARY KEY, payload VARCHAR NOT NULL)}. */
interface InsertClient extends AutoCloseable {
  /** Inserts one row and returns when it is durable. */
  void insert(long id, String payload) throws Exception;

  @Override
  void close() throws Exception;

  /** A way to connect, with its name in the table of results. */
  record Way(String name, Connector connector) {}

  interface Connector {
    InsertClient connect() throws Exception;
  }
}
