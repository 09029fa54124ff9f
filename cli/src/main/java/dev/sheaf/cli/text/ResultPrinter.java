package dev.sheaf.cli.text;

import dev.sheaf.cli.client.SqlClient;

/** Prints one result; {@link #finish} ends it. Not thread-safe. */
public interface ResultPrinter extends SqlClient.Rows {
  /** Called once after the last batch, also when there was no result at all. */
  void finish();

  /** How results are printed. */
  enum Format {
    table,
    csv,
    json
  }
}
