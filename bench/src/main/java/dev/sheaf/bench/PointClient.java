package dev.sheaf.bench;

/** An {@link InsertClient} that reads, too. */
interface PointClient extends InsertClient {
  /** The payload of a row that exists. */
  String read(long id) throws Exception;

  /** A way to connect, with its name in the table of results. */
  record Way(String name, Connector connector) {}

  interface Connector {
    PointClient connect() throws Exception;
  }
}
