package dev.sheaf.compute.transaction;

import dev.sheaf.compute.catalog.CatalogWrites;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.rpc.shard.DuplicateKeys;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one statement writes. For each key it notes whether the statement removes the row that was
 * there before, and which row it leaves there: so the order in which an UPDATE meets rows that swap
 * their keys does not matter. Joins its transaction when the statement succeeds, else is dropped.
 * Used by one thread.
 */
public final class StatementWrites implements CatalogWrites {
  /** Rough cost of an entry besides its bytes. */
  static final int ENTRY_BYTES = 96;

  /**
   * @param removes the row that the transaction saw at the key goes
   * @param fresh the key cannot exist (hidden row ids)
   * @param row the row that the statement leaves, null = none
   */
  record Change(boolean removes, boolean fresh, byte @Nullable [] row) {}

  private final NavigableMap<byte[], Change> changes = new TreeMap<>(TableKey::compare);
  private final NavigableMap<byte[], Boolean> guards = new TreeMap<>(TableKey::compare);
  private final long limitBytes;
  private long bytes;

  /**
   * @param limitBytes what is left of the transaction's limit
   */
  StatementWrites(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  /** Adds a row; 23505 if the statement itself left one at the key. */
  @Override
  public void insert(byte[] key, byte[] row) {
    leave(key, row, false);
  }

  /** Adds a row at a key that cannot exist. */
  void insertFresh(byte[] key, byte[] row) {
    leave(key, row, true);
  }

  @Override
  public void put(byte[] key, byte[] row) {
    changes.put(key, new Change(true, false, row));
    charge(key, row);
  }

  @Override
  public void delete(byte[] key) {
    remove(key);
  }

  /**
   * Removes the row at the key.
   *
   * @return false if the statement already did
   */
  boolean remove(byte[] key) {
    Change change = changes.get(key);
    if (change != null && change.removes()) {
      return false;
    }
    charge(key, null);
    changes.put(key, new Change(true, false, change == null ? null : change.row()));
    return true;
  }

  /**
   * Moves a row.
   *
   * @return false if the statement already removed the old row: then nothing is done
   */
  boolean update(byte[] oldKey, byte[] newKey, byte[] row) {
    if (!remove(oldKey)) {
      return false;
    }
    leave(newKey, row, false);
    return true;
  }

  private void leave(byte[] key, byte[] row, boolean fresh) {
    Change change = changes.get(key);
    if (change != null && change.row() != null) {
      throw DuplicateKeys.of(key);
    }
    charge(key, row);
    changes.put(key, new Change(change != null && change.removes(), fresh, row));
  }

  /** Whether the statement leaves a row at the key. */
  boolean leavesRow(byte[] key) {
    Change change = changes.get(key);
    return change != null && change.row() != null;
  }

  @Override
  public void guard(byte[] key) {
    guards.put(key, true);
  }

  private void charge(byte[] key, byte @Nullable [] row) {
    bytes += ENTRY_BYTES + key.length + (row == null ? 0 : row.length);
    if (bytes > limitBytes) {
      throw new SheafException(
              ErrorCode.PROGRAM_LIMIT_EXCEEDED,
              "the transaction's writes exceed its limit; " + limitBytes + " bytes were left")
          .withHint(
              "Write fewer rows per transaction. INSERT ... SELECT, COPY and ingest outside of a"
                  + " transaction block take any number of rows.");
    }
  }

  NavigableMap<byte[], Change> changes() {
    return changes;
  }

  Iterable<byte[]> guards() {
    return guards.keySet();
  }

  long sizeBytes() {
    return bytes;
  }

  /** Forgets the rows, after they went elsewhere; guards stay. */
  void clearRows() {
    changes.clear();
    bytes = 0;
  }
}
