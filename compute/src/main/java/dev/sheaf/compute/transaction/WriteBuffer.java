package dev.sheaf.compute.transaction;

import dev.sheaf.compute.storage.OwnWrites;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.rpc.shard.DuplicateKeys;
import dev.sheaf.rpc.shard.ShardService.Write;
import dev.sheaf.rpc.shard.ShardService.WriteKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * A transaction's writes by key. Each entry knows the statement that wrote it and what it replaced,
 * so that a result which is still being read keeps seeing the writes of its own time.
 *
 * <p>Written by the transaction's thread; views are read by any thread.
 */
final class WriteBuffer {

  private enum Effect {
    INSERT,
    PUT,
    DELETE,
    /** Inserted and deleted again by the transaction: nothing to commit. */
    NONE
  }

  private record Entry(
      int statement, Effect effect, byte @Nullable [] row, @Nullable Entry previous) {}

  private final ConcurrentNavigableMap<byte[], Entry> entries =
      new ConcurrentSkipListMap<>(TableKey::compare);
  private int statements;
  private long bytes;

  boolean isEmpty() {
    return entries.isEmpty();
  }

  long sizeBytes() {
    return bytes;
  }

  /** Keys that the statement inserts and that only the store can tell to be new. */
  List<byte[]> unprovenInserts(StatementWrites writes) {
    List<byte[]> keys = new ArrayList<>();
    for (Map.Entry<byte[], StatementWrites.Change> change : writes.changes().entrySet()) {
      StatementWrites.Change c = change.getValue();
      if (c.row() != null && !c.removes() && !c.fresh() && !entries.containsKey(change.getKey())) {
        keys.add(change.getKey());
      }
    }
    return keys;
  }

  /**
   * Adds a statement's writes, all or none.
   *
   * @throws dev.sheaf.protocol.error.SheafException 23505 for a key that the transaction already
   *     wrote
   */
  void add(StatementWrites writes) {
    for (Map.Entry<byte[], StatementWrites.Change> change : writes.changes().entrySet()) {
      Entry entry = entries.get(change.getKey());
      boolean inserts = change.getValue().row() != null && !change.getValue().removes();
      if (inserts && entry != null && entry.row() != null) {
        throw DuplicateKeys.of(change.getKey());
      }
    }
    for (Map.Entry<byte[], StatementWrites.Change> change : writes.changes().entrySet()) {
      Entry entry = entries.get(change.getKey());
      Effect effect = merged(entry == null ? null : entry.effect(), change.getValue());
      entries.put(change.getKey(), new Entry(statements, effect, change.getValue().row(), entry));
    }
    statements++;
    bytes += writes.sizeBytes();
  }

  private static Effect merged(@Nullable Effect before, StatementWrites.Change change) {
    boolean createdHere = before == Effect.INSERT || before == Effect.NONE;
    if (change.row() == null) {
      return createdHere ? Effect.NONE : Effect.DELETE;
    }
    if (createdHere) {
      return Effect.INSERT;
    }
    return change.removes() || before != null ? Effect.PUT : Effect.INSERT;
  }

  /** What the commit sends. */
  List<Write> writes() {
    List<Write> writes = new ArrayList<>(entries.size());
    for (Map.Entry<byte[], Entry> entry : entries.entrySet()) {
      byte[] row = entry.getValue().row();
      switch (entry.getValue().effect()) {
        case INSERT -> writes.add(new Write(entry.getKey(), WriteKind.INSERT, row));
        case PUT -> writes.add(new Write(entry.getKey(), WriteKind.PUT, row));
        case DELETE -> writes.add(new Write(entry.getKey(), WriteKind.DELETE, null));
        case NONE -> {}
      }
    }
    return writes;
  }

  /** The writes of the statements so far, whatever comes later. */
  OwnWrites view() {
    return entries.isEmpty() ? OwnWrites.NONE : new View(statements);
  }

  private final class View implements OwnWrites {
    private final int limit;

    /**
     * @param limit first statement whose writes are not seen
     */
    View(int limit) {
      this.limit = limit;
    }

    @Override
    public List<OwnWrite> in(KeyRange range) {
      byte[] end = range.endExclusive();
      var part =
          end == null
              ? entries.tailMap(range.startInclusive(), true)
              : entries.subMap(range.startInclusive(), true, end, false);
      List<OwnWrite> seen = new ArrayList<>();
      part.forEach((key, newest) -> {
        Entry entry = seen(newest);
        if (entry != null) {
          seen.add(new OwnWrite(key, entry.row()));
        }
      });
      return seen;
    }

    @Override
    public @Nullable OwnWrite find(byte[] key) {
      Entry entry = seen(entries.get(key));
      return entry == null ? null : new OwnWrite(key, entry.row());
    }

    private @Nullable Entry seen(@Nullable Entry newest) {
      Entry entry = newest;
      while (entry != null && entry.statement() >= limit) {
        entry = entry.previous();
      }
      return entry;
    }
  }
}
