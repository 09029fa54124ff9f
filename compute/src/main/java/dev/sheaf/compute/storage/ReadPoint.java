package dev.sheaf.compute.storage;

import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.KeyRange;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table at the moment that a read asks for. The plan knows the current table; the past one may
 * have had another id (before TRUNCATE, or dropped and created again), then columns are matched by
 * name and keys are moved to its id.
 */
record ReadPoint(
    TableDescriptor current, TableDescriptor past, Timestamp timestamp, OwnWrites ownWrites) {

  private boolean sameTable() {
    return current.id() == past.id();
  }

  ReadColumns columns(List<Integer> ordinals, boolean withKey) {
    if (sameTable() && ordinals.stream().noneMatch(i -> isReplaced(current.columns().get(i)))) {
      return ReadColumns.of(current, ordinals, withKey);
    }
    List<Integer> pastOrdinals = new ArrayList<>();
    for (int ordinal : ordinals) {
      pastOrdinals.add(past.columns().indexOf(pastColumn(current.columns().get(ordinal))));
    }
    return ReadColumns.of(past, pastOrdinals, withKey);
  }

  /** Whether the table had another column of that name: the values of then are in that one. */
  private boolean isReplaced(ColumnDescriptor column) {
    return past.columns().stream().noneMatch(then -> then.id() == column.id())
        && past.column(column.name()).isPresent();
  }

  KeyRange rangeOf(KeyRange range) {
    if (sameTable()) {
      return range;
    }
    if (range.equals(KeyRange.ofTable(current.id()))) {
      return KeyRange.ofTable(past.id());
    }
    byte[] end = range.endExclusive();
    return new KeyRange(keyOf(range.startInclusive()), end == null ? null : keyOf(end));
  }

  /** The key that a row with the same key values had in the past table. */
  byte[] keyOf(byte[] key) {
    if (sameTable()) {
      return key;
    }
    requireSamePrimaryKey();
    byte[] moved = key.clone();
    ByteBuffer.wrap(moved).putInt(past.id());
    return moved;
  }

  private void requireSamePrimaryKey() {
    boolean same = current.primaryKey().size() == past.primaryKey().size();
    for (int i = 0; same && i < current.primaryKey().size(); i++) {
      ColumnDescriptor now = keyColumn(current, i);
      same = pastColumn(now).equals(keyColumn(past, i));
    }
    if (!same) {
      throw changed("its primary key was another one");
    }
  }

  private static ColumnDescriptor keyColumn(TableDescriptor table, int i) {
    return table.columns().get(table.ordinalOf(table.primaryKey().get(i)));
  }

  private ColumnDescriptor pastColumn(ColumnDescriptor column) {
    @Nullable ColumnDescriptor then = past.column(column.name()).orElse(null);
    if (then == null) {
      throw changed("it had no column " + column.name());
    }
    if (!then.type().equals(column.type())) {
      throw changed("column " + column.name() + " had type " + then.type());
    }
    return then;
  }

  private SheafException changed(String what) {
    return new SheafException(
            ErrorCode.FEATURE_NOT_SUPPORTED,
            "table " + current.qualifiedName() + " was another table at " + timestamp + ": " + what)
        .withHint("Branch the database at that time and query the branch.");
  }
}
