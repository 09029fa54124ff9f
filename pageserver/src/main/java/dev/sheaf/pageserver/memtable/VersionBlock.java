package dev.sheaf.pageserver.memtable;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Versions of one table's rows in the order in which they were applied, so that timestamps ascend.
 * A version is visible from its timestamp up to, not including, its end.
 *
 * <pre>
 *   row         0      1      2      3
 *   key         a      b      a      c         row 2 is a's newer version, row 3 deletes c
 *   timestamp   10     10     12     15
 *   end         12     max    max    0         a deletion is visible at no time
 * </pre>
 *
 * <p>A full block changes no more, but for ends: then its columns are kept once they were decoded,
 * as far as there is room. One writer, any number of readers.
 */
public final class VersionBlock {
  /** What a version takes beside its own objects. */
  static final int BYTES_PER_VERSION = 24;

  static final int MAX_ROWS = Batch.MAX_ROWS;
  private static final long NEVER = Long.MAX_VALUE;
  private static final long NO_ROW = 0;
  private static final VarHandle END = MethodHandles.arrayElementVarHandle(long[].class);

  private final VersionKey[] keys;
  private final Version[] versions;
  private final long[] timestamps;
  private final long[] ends;
  private final LongPredicate roomFor;
  private volatile int size;
  private volatile List<Decoded> decoded = List.of();
  private volatile @Nullable SupersededRows superseded;

  private record Decoded(ColumnRequest column, Vec values) {
    boolean answers(ColumnRequest other) {
      return column.columnId() == other.columnId()
          && column.type() == other.type()
          && Objects.deepEquals(column.missingValue(), other.missingValue());
    }
  }

  /**
   * @param roomFor takes so many bytes for decoded columns, or says that there is no room
   */
  VersionBlock(int capacity, LongPredicate roomFor) {
    this.keys = new VersionKey[capacity];
    this.versions = new Version[capacity];
    this.timestamps = new long[capacity];
    this.ends = new long[capacity];
    this.roomFor = roomFor;
  }

  /** By the writer only, while it is not full. */
  void add(VersionKey key, Version version) {
    int row = size;
    keys[row] = key;
    versions[row] = version;
    timestamps[row] = key.timestamp();
    ends[row] = version.isDeletion() ? NO_ROW : NEVER;
    version.placed(this, row);
    size = row + 1;
  }

  /** By the writer only: a newer version of the row's key begins. */
  void end(int row, long timestamp) {
    if (ends[row] != NO_ROW) {
      // Whoever reads at or above this timestamp was told since that it may.
      END.setOpaque(ends, row, timestamp);
    }
  }

  public int size() {
    return size;
  }

  public boolean isFull() {
    return size == keys.length;
  }

  public VersionKey key(int row) {
    return keys[row];
  }

  public Version version(int row) {
    return versions[row];
  }

  /** Rows up to, not including, the first that is newer than the snapshot. */
  public int writtenBy(Timestamp snapshot) {
    int count = size;
    while (count > 0 && timestamps[count - 1] > snapshot.value()) {
      count--;
    }
    return count;
  }

  /** Number of rows visible at the snapshot. */
  public int visibleRows(Timestamp snapshot) {
    int count = writtenBy(snapshot);
    int visible = 0;
    for (int row = 0; row < count; row++) {
      visible += isVisible(row, snapshot.value()) ? 1 : 0;
    }
    return visible;
  }

  private boolean isVisible(int row, long snapshot) {
    return snapshot < (long) END.getOpaque(ends, row);
  }

  /** The rows visible at the snapshot; null if there is none. */
  @Nullable Batch read(Timestamp snapshot, List<ColumnRequest> columns) {
    int count = writtenBy(snapshot);
    int[] selection = new int[count];
    int selected = 0;
    for (int row = 0; row < count; row++) {
      if (isVisible(row, snapshot.value())) {
        selection[selected++] = row;
      }
    }
    if (selected == 0) {
      return null;
    }
    if (!isFull()) {
      return Batch.of(decode(columns, selection, selected), selected);
    }
    Vec[] vectors = columns(columns);
    return selected == keys.length
        ? Batch.of(vectors, selected)
        : new Batch(vectors, keys.length, selection, selected);
  }

  private Vec[] decode(List<ColumnRequest> columns, int[] selection, int selected) {
    var decoder = new RowDecoder(columns);
    for (int i = 0; i < selected; i++) {
      int row = selection[i];
      decoder.add(keys[row].key(), Objects.requireNonNull(versions[row].row()));
    }
    return decoder.build();
  }

  /** Columns of the full block, NULL where a row is deleted. */
  private Vec[] columns(List<ColumnRequest> columns) {
    Vec[] vectors = new Vec[columns.size()];
    var absent = new ArrayList<ColumnRequest>();
    for (int i = 0; i < vectors.length; i++) {
      Vec known = known(columns.get(i));
      if (known == null) {
        absent.add(columns.get(i));
      } else {
        vectors[i] = known;
      }
    }
    if (absent.isEmpty()) {
      return vectors;
    }
    Vec[] missing = decodeAll(absent);
    int next = 0;
    for (int i = 0; i < vectors.length; i++) {
      if (vectors[i] == null) {
        vectors[i] = missing[next];
        keep(absent.get(next), missing[next]);
        next++;
      }
    }
    return vectors;
  }

  private @Nullable Vec known(ColumnRequest column) {
    for (Decoded known : decoded) {
      if (known.answers(column)) {
        return known.values();
      }
    }
    return null;
  }

  private Vec[] decodeAll(List<ColumnRequest> columns) {
    var decoder = new RowDecoder(columns);
    for (int row = 0; row < keys.length; row++) {
      byte[] bytes = versions[row].row();
      if (bytes == null) {
        decoder.addEmpty();
      } else {
        decoder.add(keys[row].key(), bytes);
      }
    }
    return decoder.build();
  }

  /** Unless somebody else was faster, or there is no room. */
  private synchronized void keep(ColumnRequest column, Vec values) {
    if (known(column) == null && roomFor.test(values.sizeBytes())) {
      var more = new ArrayList<>(decoded);
      more.add(new Decoded(column, values));
      decoded = List.copyOf(more);
    }
  }

  /** What was remembered; null = nothing. */
  public @Nullable SupersededRows superseded() {
    return superseded;
  }

  /** What all versions of the full block supersede. */
  public void remember(SupersededRows rows) {
    superseded = rows;
  }
}
