package dev.sheaf.systemtests.slt;

import java.util.List;

/** A database that files are run against. One session. */
interface Engine extends AutoCloseable {
  /** As skipif and onlyif name it. */
  String name();

  /** Runs one statement. */
  Result run(String sql);

  /** What came. */
  sealed interface Result {}

  /**
   * @param values as text; null is NULL. Truth is true and false.
   */
  record Rows(int columns, List<List<String>> values) implements Result {}

  record Changed(long rows) implements Result {}

  record Failed(String sqlState, String message) implements Result {
    @Override
    public String toString() {
      return sqlState + ": " + message;
    }
  }

  @Override
  void close();
}
