package dev.sheaf.protocol;

/** A shard of one database. Number 0 is the root shard, which also holds the catalog. */
public record ShardId(DatabaseId database, int number) implements Comparable<ShardId> {

  public static ShardId root(DatabaseId database) {
    return new ShardId(database, 0);
  }

  @Override
  public int compareTo(ShardId other) {
    int byDatabase = database.compareTo(other.database);
    return byDatabase != 0 ? byDatabase : Integer.compare(number, other.number);
  }

  /** {@code database/number}: the form used in object keys, log names and messages. */
  @Override
  public String toString() {
    return database + "/" + number;
  }
}
