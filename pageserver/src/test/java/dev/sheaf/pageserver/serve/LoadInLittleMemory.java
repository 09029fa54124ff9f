package dev.sheaf.pageserver.serve;

import dev.sheaf.columnar.segment.BlockCache;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.coordination.embedded.EmbeddedCoordination;
import dev.sheaf.objectstore.LocalObjectStore;
import dev.sheaf.pageserver.PageServerConfig;
import dev.sheaf.pageserver.log.MemoryShardLog;
import dev.sheaf.pageserver.segment.SegmentStore;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.shard.DuplicateKeys;
import dev.sheaf.rpc.shard.ShardService.BulkLoad;
import dev.sheaf.rpc.shard.ShardService.BulkRequest;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.function.LongUnaryOperator;

/**
 * A process with a heap much smaller than what it loads, in an order that has nothing to do with
 * the key: a load, one with a key that it has twice, one with a key that the table has. Prints what
 * came of each.
 */
final class LoadInLittleMemory {
  static final int ROWS = 160_000;
  static final int ROW_BYTES = 320;

  private static final HexFormat HEX = HexFormat.of();
  private static final int COLUMN = 2;

  /** Prime to the number of rows: a walk over all keys. */
  static final long STRIDE = 77_773;

  private final PageServer server;
  private final LocalObjectStore objects;

  private LoadInLittleMemory(Path folder) {
    objects = new LocalObjectStore(folder.resolve("objects"));
    var log = new MemoryShardLog.Store();
    var ports =
        new PageServerPorts(
            EmbeddedCoordination.inMemory(System::nanoTime, Thread::startVirtualThread),
            objects,
            new SegmentStore(objects, new BlockCache(1 << 20), folder.resolve("scratch")),
            id -> new MemoryShardLog(log),
            id -> true,
            "node",
            System::currentTimeMillis,
            System::nanoTime,
            Thread::startVirtualThread);
    server =
        new PageServer(ports, new PageServerConfig(1 << 20, 4 << 20, 1 << 20, 1, 1 << 20, 10_000));
  }

  public static void main(String[] args) {
    var process = new LoadInLittleMemory(Path.of(args[0]));
    process.load("all", i -> i * STRIDE % ROWS);
    process.load("twice", i -> ROWS + (i == ROWS - 1 ? STRIDE : i * STRIDE % ROWS));
    process.load("there", i -> i == ROWS / 2 ? STRIDE : ROWS + i * STRIDE % ROWS);
  }

  private static Deadline soon() {
    return Deadline.after(System.nanoTime(), 240_000);
  }

  private void load(String name, LongUnaryOperator keyOf) {
    var columns =
        List.of(
            new ColumnRequest(ColumnRequest.KEY_COLUMN, PhysicalType.BYTES, null),
            new ColumnRequest(COLUMN, PhysicalType.BYTES, null));
    var request =
        new BulkRequest(
            Harness.SHARD,
            Harness.id(),
            Harness.now(server),
            Harness.TABLE,
            columns,
            List.of(),
            false);
    String outcome;
    try (BulkLoad load = server.beginBulk(request, soon())) {
      for (int from = 0; from < ROWS; from += 1000) {
        load.append(batch(keyOf, from, Math.min(1000, ROWS - from)), soon());
      }
      load.commit(soon());
      outcome = "loaded " + load.rows();
    } catch (SheafException e) {
      outcome = "duplicate " + HEX.formatHex(DuplicateKeys.keyOf(e).orElseThrow());
    }
    System.out.printf(
        "%s: %s; the table has %d rows in %d segments%n",
        name, outcome, server.sizeOf(Harness.SHARD, Harness.TABLE, soon()).rows(), segments());
  }

  private int segments() {
    return objects.list("db/db/0/segments/", "", 10_000).size();
  }

  /** Values that do not compress to nothing. */
  private static Batch batch(LongUnaryOperator keyOf, int from, int count) {
    byte[] keys = new byte[count * Harness.key(0).length];
    byte[] values = new byte[count * ROW_BYTES];
    int[] keyStart = new int[count];
    int[] valueStart = new int[count];
    int[] keyLength = new int[count];
    int[] valueLength = new int[count];
    for (int i = 0; i < count; i++) {
      long n = keyOf.applyAsLong(from + i);
      byte[] key = Harness.key(n);
      keyStart[i] = i * key.length;
      keyLength[i] = key.length;
      System.arraycopy(key, 0, keys, keyStart[i], key.length);
      valueStart[i] = i * ROW_BYTES;
      valueLength[i] = ROW_BYTES;
      for (int b = 0; b < ROW_BYTES; b++) {
        values[valueStart[i] + b] = (byte) (n * 0x9E3779B97F4A7C15L >>> b % 56);
      }
    }
    return Batch.of(
        new Vec[] {
          Vec.BytesVec.of(keys, keyStart, keyLength, null, count),
          Vec.BytesVec.of(values, valueStart, valueLength, null, count)
        },
        count);
  }
}
