package dev.sheaf.bench;

/** A connection that runs the operations of YCSB. Used by one thread. */
interface YcsbClient extends AutoCloseable {
  int FIELDS = 10;

  String SELECT = "SELECT * FROM usertable WHERE ycsb_key = ?";
  String SCAN = "SELECT * FROM usertable WHERE ycsb_key >= ? ORDER BY ycsb_key LIMIT ?";

  static String update(int field) {
    return "UPDATE usertable SET field" + field + " = ? WHERE ycsb_key = ?";
  }

  static String insert() {
    return "INSERT INTO usertable VALUES (?" + ", ?".repeat(FIELDS) + ")";
  }

  static String create() {
    var sql = new StringBuilder("CREATE TABLE usertable (ycsb_key BIGINT PRIMARY KEY");
    for (int f = 0; f < FIELDS; f++) {
      sql.append(", field").append(f).append(" VARCHAR NOT NULL");
    }
    return sql.append(')').toString();
  }

  /** Rows found. */
  long read(long key) throws Exception;

  /** Rows found, at most {@code rows}. */
  long scan(long from, long rows) throws Exception;

  /** Rows changed. */
  long update(int field, String value, long key) throws Exception;

  /** Rows added. */
  long insert(long key, String[] values) throws Exception;
}
