package dev.sheaf.pageserver.memtable;

import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.pageserver.column.ColumnBuilder;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.row.RowReader;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import java.util.Comparator;
import java.util.List;

/**
 * Turns rows into vectors of the requested columns, without objects for their values, and reads no
 * further into a row than to the last column that is wanted. Used once, by one thread.
 */
final class RowDecoder {
  private final ColumnBuilder[] builders;
  private final Wanted[] keys;
  private final Wanted[] stored;
  private final RowReader reader = new RowReader();
  private int rows;

  private record Wanted(ColumnRequest column, ColumnBuilder builder) {
    int id() {
      return column.columnId();
    }

    void takeFrom(RowReader reader) {
      if (reader.type() != column.type()) {
        throw new SheafException(
            ErrorCode.DATATYPE_MISMATCH,
            "column " + id() + " is " + reader.type() + ", not " + column.type());
      }
      builder.append(reader);
    }
  }

  RowDecoder(List<ColumnRequest> columns) {
    this.builders =
        columns.stream().map(c -> ColumnBuilder.of(c.type())).toArray(ColumnBuilder[]::new);
    var all = new Wanted[builders.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = new Wanted(columns.get(i), builders[i]);
    }
    this.keys = List.of(all).stream().filter(RowDecoder::isKey).toArray(Wanted[]::new);
    this.stored =
        List.of(all).stream()
            .filter(w -> !isKey(w))
            .sorted(Comparator.comparingInt(Wanted::id))
            .toArray(Wanted[]::new);
  }

  private static boolean isKey(Wanted wanted) {
    return wanted.id() == ColumnRequest.KEY_COLUMN;
  }

  /** XX001 for bytes that are no row, 42804 for a column of another type. */
  void add(byte[] key, byte[] row) {
    for (Wanted wanted : keys) {
      wanted.builder().append(key);
    }
    reader.reset(row);
    int next = 0;
    while (next < stored.length && reader.next()) {
      int id = reader.columnId();
      for (; next < stored.length && stored[next].id() <= id; next++) {
        if (stored[next].id() == id) {
          stored[next].takeFrom(reader);
        } else {
          appendMissing(stored[next]);
        }
      }
    }
    for (; next < stored.length; next++) {
      appendMissing(stored[next]);
    }
    rows++;
  }

  private static void appendMissing(Wanted wanted) {
    wanted.builder().append(wanted.column().missingValue());
  }

  /** A row all of whose columns are NULL. */
  void addEmpty() {
    for (ColumnBuilder builder : builders) {
      builder.append((Object) null);
    }
    rows++;
  }

  int rows() {
    return rows;
  }

  Vec[] build() {
    Vec[] vectors = new Vec[builders.length];
    for (int i = 0; i < vectors.length; i++) {
      builders[i].trim();
      vectors[i] = builders[i].build();
    }
    return vectors;
  }
}
