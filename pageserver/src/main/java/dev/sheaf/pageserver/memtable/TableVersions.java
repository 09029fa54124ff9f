package dev.sheaf.pageserver.memtable;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongPredicate;

/** Versions of one table in the order of their arrival, and how much they are. One writer. */
final class TableVersions {
  private static final int FIRST_BLOCK_ROWS = 8;

  /** Rows added minus rows deleted. */
  final LongAdder rows = new LongAdder();

  final LongAdder bytes = new LongAdder();
  private final List<VersionBlock> blocks = new CopyOnWriteArrayList<>();
  private final LongPredicate roomFor;
  private VersionBlock last;
  private volatile long size;

  TableVersions(LongPredicate roomFor) {
    this.roomFor = roomFor;
    this.last = new VersionBlock(FIRST_BLOCK_ROWS, roomFor);
    blocks.add(last);
  }

  /** By the writer only. */
  @SuppressWarnings("NonAtomicOperationOnVolatileField")
  void add(VersionKey key, Version version) {
    if (last.isFull()) {
      last = new VersionBlock(Math.min(VersionBlock.MAX_ROWS, 2 * last.size()), roomFor);
      last.add(key, version);
      blocks.add(last);
    } else {
      last.add(key, version);
    }
    size++;
  }

  /** Number of versions. */
  long size() {
    return size;
  }

  /** Oldest first; all but the last are full. */
  List<VersionBlock> blocks() {
    return List.copyOf(blocks);
  }
}
