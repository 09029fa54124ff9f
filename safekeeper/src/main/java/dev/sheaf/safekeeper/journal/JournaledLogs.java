package dev.sheaf.safekeeper.journal;

import dev.sheaf.log.AcceptorState;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * All logs of a journal, and how many bytes of each file they need. Changed by one thread in the
 * order of the journal, read by any.
 */
final class JournaledLogs {
  private final Map<ShardId, JournaledLog> logs = new ConcurrentHashMap<>();
  private final Map<Long, Long> liveBytesByFile = new ConcurrentHashMap<>();
  private final AtomicLong liveBytes = new AtomicLong();
  private volatile long newestDeleted;

  private void account(long file, long bytes) {
    liveBytesByFile.merge(file, bytes, Long::sum);
    liveBytes.addAndGet(bytes);
  }

  private JournaledLog log(ShardId shard) {
    return logs.computeIfAbsent(shard, unknown -> new JournaledLog(shard, this::account));
  }

  /**
   * @param address of the first byte of the records
   */
  void append(long address, ShardId shard, Lsn begin, int bytes, Lsn commit) {
    log(shard).append(address, begin, bytes, commit);
  }

  void move(long address, ShardId shard, Lsn begin, int bytes) {
    log(shard).move(address, begin, bytes);
  }

  void control(long address, ShardId shard, AcceptorState state) {
    log(shard).control(address, state);
  }

  @Nullable JournaledLog find(ShardId shard) {
    return logs.get(shard);
  }

  Collection<JournaledLog> all() {
    return logs.values();
  }

  /** Bytes of records that are needed, in all files. */
  long liveBytes() {
    return liveBytes.get();
  }

  /** Bytes of records that are needed in one file. */
  long liveBytes(long file) {
    return liveBytesByFile.getOrDefault(file, 0L);
  }

  /** The oldest file will not be there any more: told before it is deleted or written over. */
  void fileDeleted(long file) {
    liveBytesByFile.remove(file);
    newestDeleted = file;
  }

  /** Whether a file that something was found in is still there, with what it had then. */
  boolean hasFile(long file) {
    return file > newestDeleted;
  }
}
