package dev.sheaf.pageserver.serve;

import static dev.sheaf.pageserver.serve.Harness.SHARD;
import static dev.sheaf.pageserver.serve.Harness.TABLE;
import static dev.sheaf.pageserver.serve.Harness.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.pageserver.PageServerConfig;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.shard.ShardService.BulkLoad;
import dev.sheaf.rpc.shard.ShardService.BulkRequest;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import dev.sheaf.rpc.shard.ShardService.Write;
import dev.sheaf.rpc.shard.ShardService.WriteKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Many threads commit, load in bulk and scan while memtables are frozen and flushed beside them, an
 * object store that fails now and then, and crashes in between. Every commit puts one value under
 * all keys of its group, so a torn one is seen; each acknowledged state is remembered by its
 * timestamp and must be readable ever after.
 */
final class ConcurrentShardTest {
  private static final int WRITERS = 4;
  private static final int READERS = 1;
  private static final int GROUP = 32;
  private static final int ROUNDS = 2;
  private static final int COMMITS_EACH = 12;

  @TempDir Path scratch;

  private Harness harness;
  private PageServer server;

  /** Per group: the value after each acknowledged commit; absent after a deletion (null is -1). */
  private final List<ConcurrentSkipListMap<Timestamp, Long>> groups = new ArrayList<>();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void neitherLosesNorTearsACommit(long seed) throws Exception {
    var random = new Random(seed);
    harness = new Harness(scratch);
    for (int g = 0; g < WRITERS; g++) {
      groups.add(new ConcurrentSkipListMap<>(Map.of(Timestamp.ZERO, -1L)));
    }
    // Odd seeds flush when a memtable is full, even ones because memory is scarce.
    PageServerConfig config =
        seed % 2 == 1
            ? new PageServerConfig(20_000, 1L << 20, 2000, 2, 1 << 20, 10_000)
            : new PageServerConfig(1L << 40, 60_000, 2000, 2, 30_000, 10_000);
    for (int round = 0; round < ROUNDS; round++) {
      harness.objects.faults = new RandomFaults(random.nextLong());
      server = harness.start(config);
      run(random);
      harness.objects.faults = new FaultyObjects.Faults() {};
      if (random.nextBoolean()) {
        server.abandon();
      } else {
        server.close();
      }
      server = harness.start(config);
      checkAll("seed " + seed + ", round " + round);
      server.abandon();
    }
  }

  private void run(Random random) throws Exception {
    var stop = new AtomicBoolean();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> writers = new ArrayList<>();
      for (int g = 0; g < WRITERS; g++) {
        int group = g;
        long seed = random.nextLong();
        writers.add(threads.submit(() -> write(group, new Random(seed))));
      }
      List<Future<?>> readers = new ArrayList<>();
      for (int r = 0; r < READERS; r++) {
        long seed = random.nextLong();
        readers.add(threads.submit(() -> read(new Random(seed), stop)));
      }
      try {
        for (Future<?> writer : writers) {
          writer.get(60, TimeUnit.SECONDS);
        }
      } finally {
        stop.set(true);
      }
      for (Future<?> reader : readers) {
        reader.get(60, TimeUnit.SECONDS);
      }
    }
  }

  private void write(int group, Random random) {
    var history = groups.get(group);
    for (int i = 0; i < COMMITS_EACH; i++) {
      long before = history.lastEntry().getValue();
      long value = random.nextInt(1_000_000);
      try {
        if (before < 0 && random.nextBoolean()) {
          history.put(bulk(group, value), value);
        } else if (before >= 0 && random.nextInt(4) == 0) {
          history.put(commit(group, WriteKind.DELETE, value), -1L);
        } else {
          history.put(commit(group, WriteKind.PUT, value), value);
        }
      } catch (SheafException e) {
        // The upload of a chunk failed: nothing was committed.
        assertThat(e.code()).isEqualTo(ErrorCode.IO_ERROR);
      }
    }
  }

  private Timestamp commit(int group, WriteKind kind, long value) {
    Write[] writes = new Write[GROUP];
    for (int k = 0; k < GROUP; k++) {
      writes[k] = Harness.write(kind, keyOf(group, k), value);
    }
    return Harness.commit(server, Harness.now(server), writes).timestamp();
  }

  /** Groups interleave, so that scans and segments cross them all. */
  private static long keyOf(int group, int k) {
    return (long) k * WRITERS + group;
  }

  private Timestamp bulk(int group, long value) {
    var columns =
        List.of(
            new ColumnRequest(ColumnRequest.KEY_COLUMN, PhysicalType.BYTES, null),
            new ColumnRequest(2, PhysicalType.LONG, null));
    var request =
        new BulkRequest(SHARD, Harness.id(), Harness.now(server), TABLE, columns, List.of(), false);
    try (BulkLoad load = server.beginBulk(request, soon())) {
      for (int k = 0; k < GROUP; k++) {
        byte[] key = Harness.key(keyOf(group, k));
        load.append(
            Batch.of(
                new Vec[] {
                  Vec.BytesVec.of(key, new int[] {0}, new int[] {key.length}, null, 1),
                  new Vec.LongVec(new long[] {value}, null, 1)
                },
                1),
            soon());
      }
      return load.commit(soon()).timestamp();
    }
  }

  /** At any snapshot, a group is there in whole and of one commit, or not at all. */
  private void read(Random random, AtomicBoolean stop) {
    while (!stop.get()) {
      Timestamp now = Harness.now(server);
      var expected = new TreeMap<Integer, Long>();
      Timestamp past = new Timestamp(now.value() - 1);
      boolean remembered = random.nextBoolean();
      if (remembered) {
        var history = groups.get(random.nextInt(WRITERS));
        past = history.lastKey();
        int group = groups.indexOf(history);
        expected.put(group, history.get(past));
      }
      Timestamp at = remembered ? past : now;
      Map<Integer, Long> seen = wholeGroups(at);
      expected.forEach((group, value) ->
          assertThat(seen.getOrDefault(group, -1L))
              .as("group %d at %s", group, at)
              .isEqualTo(value));
    }
  }

  private Map<Integer, Long> wholeGroups(Timestamp at) {
    TreeMap<Long, Long> rows = harness.scan(server, at, KeyRange.ofTable(TABLE));
    var seen = new TreeMap<Integer, Long>();
    for (int g = 0; g < WRITERS; g++) {
      var values = new ArrayList<Long>();
      for (int k = 0; k < GROUP; k++) {
        Long value = rows.get(keyOf(g, k));
        if (value != null) {
          values.add(value);
        }
      }
      if (!values.isEmpty()) {
        assertThat(values).as("group %d at %s", g, at).hasSize(GROUP);
        assertThat(values).as("group %d at %s", g, at).containsOnly(values.getFirst());
        seen.put(g, values.getFirst());
      }
    }
    return seen;
  }

  private void checkAll(String when) {
    var points = new TreeMap<Timestamp, Integer>();
    for (int g = 0; g < WRITERS; g++) {
      for (Timestamp at : groups.get(g).keySet()) {
        points.put(at, g);
      }
    }
    points.put(Harness.now(server), 0);
    int step = Math.max(1, points.size() / 60);
    int n = 0;
    for (Timestamp at : points.descendingKeySet()) {
      if (n++ % step == 0) {
        var expected = new TreeMap<Integer, Long>();
        for (int g = 0; g < WRITERS; g++) {
          long value = groups.get(g).floorEntry(at).getValue();
          if (value >= 0) {
            expected.put(g, value);
          }
        }
        assertThat(wholeGroups(at)).as("%s, at %s", when, at).isEqualTo(expected);
      }
    }
  }

  /** Fails some writes, before or after they happened. */
  private static final class RandomFaults implements FaultyObjects.Faults {
    private final Random random;

    RandomFaults(long seed) {
      random = new Random(seed);
    }

    private void strike(String call) {
      int dice;
      synchronized (random) {
        dice = random.nextInt(25);
      }
      if (dice == 0 && call.startsWith("put")) {
        throw new SheafException(ErrorCode.IO_ERROR, "a fault of the object store, as ordered");
      }
    }

    @Override
    public void before(String call, String key) {
      strike(call);
    }

    @Override
    public void after(String call, String key) {
      strike(call);
    }
  }
}
