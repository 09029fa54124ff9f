package dev.sheaf.safekeeper.journal;

import dev.sheaf.log.AcceptorState;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.safekeeper.journal.ExtentIndex.Extent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is durable of one log, and where. Changed by one thread in the order of the journal, read by
 * any: guarded by itself.
 */
final class JournaledLog {
  private static final long NOWHERE = -1;

  private final ShardId shard;
  private final ExtentIndex extents;
  private @Nullable AcceptorState state;
  private long controlAddress = NOWHERE;

  /** Where the log ends as far as the entries read so far tell; -1 before the first of them. */
  private long end = -1;

  JournaledLog(ShardId shard, ExtentIndex.Accounting accounting) {
    this.shard = shard;
    this.extents = new ExtentIndex(accounting);
  }

  ShardId shard() {
    return shard;
  }

  /** Records were appended. */
  synchronized void append(long address, Lsn begin, int bytes, Lsn commit) {
    if (end >= 0 && begin.value() != end) {
      throw new SheafException(
          ErrorCode.DATA_CORRUPTED,
          "%s continues the log of %s at LSN %s, which ends at %d"
              .formatted(Address.describe(address), shard, begin, end));
    }
    extents.put(new Extent(begin.value(), address, bytes));
    end = begin.value() + bytes;
    if (state != null) {
      state =
          new AcceptorState(
              state.promised(),
              state.candidate(),
              state.configuration(),
              state.history(),
              state.start(),
              new Lsn(end),
              commit);
    }
  }

  /** Records lie in another place from now on. */
  synchronized void move(long address, Lsn begin, int bytes) {
    extents.put(new Extent(begin.value(), address, bytes));
  }

  /** The control state was stored. */
  synchronized void control(long address, AcceptorState newState) {
    state = newState;
    controlAddress = address;
    end = newState.end().value();
    extents.truncate(end);
    extents.forgetBelow(newState.start().value());
  }

  /** The durable control state; null before the first was stored. */
  synchronized @Nullable AcceptorState state() {
    return state;
  }

  synchronized boolean hasControlIn(long file) {
    return controlAddress != NOWHERE && Address.file(controlAddress) == file;
  }

  /** The needed parts of the log that lie in a file. */
  synchronized List<Extent> extentsIn(long file) {
    List<Extent> found = new ArrayList<>();
    for (int i = 0; i < extents.size() && state != null; i++) {
      Extent extent = extents.get(i).within(state.start().value(), end);
      if (Address.file(extent.address()) == file && extent.length() > 0) {
        found.add(extent);
      }
    }
    return found;
  }

  /**
   * Where up to {@code maxBytes} from {@code begin} on lie, below {@code limit} and the log's end.
   *
   * @throws SheafException 72000 when they are forgotten
   */
  synchronized List<Extent> locate(long begin, long limit, long maxBytes) {
    if (state == null || begin < state.start().value()) {
      throw new SheafException(
          ErrorCode.SNAPSHOT_TOO_OLD, "the log of " + shard + " below LSN " + begin + " is gone");
    }
    List<Extent> found = new ArrayList<>();
    long at = begin;
    long stop = Math.min(Math.min(limit, end), begin + maxBytes);
    for (int i = extents.firstEndingAfter(begin); at < stop && i < extents.size(); i++) {
      Extent part = extents.get(i).within(at, stop);
      if (part.begin() != at || part.length() <= 0) {
        break;
      }
      found.add(part);
      at = part.end();
    }
    return found;
  }

  /**
   * Checks after recovery that nothing between start and end is missing.
   *
   * @throws SheafException XX001 naming the log and the gap
   */
  synchronized void checkWhole() {
    if (state == null) {
      throw new SheafException(
          ErrorCode.DATA_CORRUPTED, "the journal has records of " + shard + " but no state");
    }
    long at = state.start().value();
    for (int i = extents.firstEndingAfter(at); i < extents.size() && at < end; i++) {
      Extent extent = extents.get(i);
      if (extent.begin() > at) {
        break;
      }
      at = extent.end();
    }
    if (at < end) {
      throw new SheafException(
          ErrorCode.DATA_CORRUPTED,
          "the journal lacks the log of %s from LSN %d on, which ends at %d"
              .formatted(shard, at, end));
    }
  }
}
