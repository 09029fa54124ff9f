package dev.sheaf.pageserver.serve;

import static dev.sheaf.pageserver.serve.Harness.SHARD;
import static dev.sheaf.pageserver.serve.Harness.TABLE;
import static dev.sheaf.pageserver.serve.Harness.key;
import static dev.sheaf.pageserver.serve.Harness.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.pageserver.PageServerConfig;
import dev.sheaf.pageserver.compact.CompactionSettings;
import dev.sheaf.pageserver.manifest.ReadableTimes;
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
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random commits, deletions, bulk loads, flushes, compactions, sweeps, restarts and crashes against
 * a sorted map per timestamp: every read at every timestamp that must stay readable agrees, and
 * others are refused. Settings are random, too: answers do not depend on them. More seeds: {@code
 * -Dsheaf.model.seeds=10000}.
 */
final class ShardModelTest {
  private static final int STEPS = 60;
  private static final long SEEDS = Long.getLong("sheaf.model.seeds", 200);
  private static final int KEYS = 60;

  @TempDir Path scratch;

  private Random random;
  private Harness harness;
  private PageServer server;

  /** State after each commit, by its timestamp. */
  private final TreeMap<Timestamp, TreeMap<Long, Long>> history = new TreeMap<>();

  @Test
  void agreesWithTheModelAtEveryTimestamp() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      agreesWithTheModel(seed);
    }
    // Most compactions end before the next step, but a crash may cut one off.
    assertThat(compactions).isGreaterThan(SEEDS);
    assertThat(swept).isGreaterThan(SEEDS);
  }

  private long compactions;
  private long swept;

  private void agreesWithTheModel(long seed) {
    random = new Random(seed);
    history.clear();
    harness = new Harness(scratch.resolve("seed" + seed));
    server = harness.start(config());
    history.put(Timestamp.ZERO, new TreeMap<>());
    for (int step = 0; step < STEPS; step++) {
      try {
        step();
        check(step % 20 == 19);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("seed " + seed + ", step " + step, e);
      }
    }
    close();
  }

  private void close() {
    server.close();
    compactions += server.storeTotals().compactions();
    swept += server.storeTotals().sweptObjects();
  }

  /** Sometimes memtables so small that flushes run beside the commits. */
  private PageServerConfig config() {
    long memtable = random.nextBoolean() ? 1L << 30 : 1500;
    var compaction =
        new CompactionSettings(
            2 + random.nextInt(3),
            2 + random.nextInt(6),
            4000 << random.nextInt(4),
            1200 << random.nextInt(5),
            1L << random.nextInt(14),
            1L << random.nextInt(12),
            0.1 + random.nextDouble() * 0.6,
            0.1 + random.nextDouble() * 0.9,
            1 + random.nextInt(4),
            1);
    return new PageServerConfig(
        memtable, 4L << 30, 600, 2, 1 << 20, 10_000, 300_000, 0, compaction);
  }

  private void step() {
    int dice = random.nextInt(100);
    if (dice < 60) {
      commit();
    } else if (dice < 70) {
      bulk();
    } else if (dice < 76) {
      narrow();
    } else if (dice < 84) {
      server.compact(SHARD, soon());
    } else if (dice < 88) {
      server.maintain();
    } else if (dice < 92) {
      server.release(SHARD, soon());
    } else if (dice < 96) {
      close();
      server = harness.start(config());
    } else {
      server.abandon();
      server = harness.start(config());
    }
  }

  /** From now on less has to stay: a later window, some points before it. */
  private void narrow() {
    List<Timestamp> known = List.copyOf(history.keySet());
    Timestamp from = known.get(random.nextInt(known.size()));
    var points = new ArrayList<Timestamp>();
    for (Timestamp at : known) {
      if (harness.retention.includes(at) && from.isAfter(at) && random.nextInt(8) == 0) {
        points.add(at);
      }
    }
    if (!harness.retention.from().isAfter(from)) {
      harness.retention = new ReadableTimes(from, points);
    }
  }

  private TreeMap<Long, Long> present() {
    return history.lastEntry().getValue();
  }

  private void commit() {
    var next = new TreeMap<>(present());
    Timestamp snapshot = Harness.now(server);
    var writes = new TreeMap<Long, Write>();
    Long duplicate = null;
    for (int i = random.nextInt(6); i >= 0; i--) {
      long key = random.nextInt(KEYS);
      long value = random.nextInt(1000);
      WriteKind kind = WriteKind.values()[random.nextInt(3)];
      if (writes.containsKey(key)) {
        continue;
      }
      if (kind == WriteKind.INSERT && next.containsKey(key)) {
        if (random.nextInt(4) > 0) {
          kind = WriteKind.PUT;
        } else {
          duplicate = key;
        }
      }
      writes.put(key, Harness.write(kind, key, value));
      if (kind == WriteKind.DELETE) {
        next.remove(key);
      } else {
        next.put(key, value);
      }
    }
    try {
      var result = Harness.commit(server, snapshot, writes.values().toArray(Write[]::new));
      assertThat(duplicate).isNull();
      assertThat(result.timestamp()).isGreaterThan(snapshot);
      history.put(result.timestamp(), next);
    } catch (SheafException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.UNIQUE_VIOLATION);
      assertThat(duplicate).isNotNull();
    }
  }

  private void bulk() {
    var next = new TreeMap<>(present());
    var keys = new ArrayList<Long>();
    boolean duplicate = false;
    for (int i = random.nextInt(30); i >= 0; i--) {
      long key = random.nextInt(KEYS * 2);
      if (next.containsKey(key) && random.nextInt(60) > 0) {
        continue;
      }
      duplicate |= next.put(key, key + 5000) != null;
      keys.add(key);
    }
    var columns =
        List.of(
            new ColumnRequest(ColumnRequest.KEY_COLUMN, PhysicalType.BYTES, null),
            new ColumnRequest(2, PhysicalType.LONG, null));
    var request =
        new BulkRequest(SHARD, Harness.id(), Harness.now(server), TABLE, columns, List.of(), false);
    var before = new TreeMap<>(present());
    try (BulkLoad load = server.beginBulk(request, soon())) {
      for (Long key : keys) {
        load.append(batch(key, key + 5000), soon());
      }
      assertThat(load.rows()).isEqualTo(keys.size());
      if (random.nextInt(5) > 0) {
        Timestamp timestamp = load.commit(soon()).timestamp();
        assertThat(duplicate).isFalse();
        history.put(timestamp, next);
        return;
      }
    } catch (SheafException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.UNIQUE_VIOLATION);
      assertThat(duplicate).isTrue();
    }
    if (server.sizeOf(SHARD, TABLE, soon()).rows() < 0) {
      throw new AssertionError("negative size");
    }
    // Objects may go meanwhile, when a server that was abandoned gives up its last compaction.
    checkScan(Harness.now(server), before, KeyRange.ofTable(TABLE));
  }

  private static Batch batch(long key, long value) {
    byte[] bytes = key(key);
    return Batch.of(
        new Vec[] {
          Vec.BytesVec.of(bytes, new int[] {0}, new int[] {bytes.length}, null, 1),
          new Vec.LongVec(new long[] {value}, null, 1)
        },
        1);
  }

  private void check(boolean everything) {
    List<Map.Entry<Timestamp, TreeMap<Long, Long>>> points = List.copyOf(history.entrySet());
    if (everything) {
      points.forEach(point -> checkScan(point.getKey(), point.getValue(), KeyRange.ofTable(TABLE)));
    }
    for (int i = 0; i < 3; i++) {
      var point = points.get(points.size() - 1 - random.nextInt(Math.min(20, points.size())));
      long low = random.nextInt(KEYS);
      long high = low + random.nextInt(KEYS * 2);
      var part = new TreeMap<>(point.getValue().subMap(low, high));
      checkScan(point.getKey(), part, new KeyRange(key(low), key(high)));
      checkGet(point.getKey(), point.getValue());
      // One tick earlier the commit is not there.
      if (point.getKey().isAfter(Timestamp.ZERO)) {
        var before = new Timestamp(point.getKey().value() - 1);
        checkScan(before, history.lowerEntry(point.getKey()).getValue(), KeyRange.ofTable(TABLE));
      }
    }
    checkScan(Harness.now(server), present(), KeyRange.ofTable(TABLE));
  }

  private void checkScan(Timestamp at, TreeMap<Long, Long> expected, KeyRange range) {
    if (isRefused(at, () -> harness.scan(server, at, range))) {
      return;
    }
    assertThat(harness.scan(server, at, range)).as("scan at %s", at).isEqualTo(expected);
  }

  /** Whether the timestamp need not be readable any more; then it must not be. */
  private boolean isRefused(Timestamp at, ThrowingCallable read) {
    if (harness.retention.includes(at)) {
      return false;
    }
    assertThatThrownBy(read)
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SNAPSHOT_TOO_OLD));
    return true;
  }

  private void checkGet(Timestamp at, TreeMap<Long, Long> expected) {
    var keys = new ArrayList<byte[]>();
    var values = new ArrayList<Long>();
    for (int i = 0; i < 5; i++) {
      long key = random.nextInt(KEYS * 2);
      keys.add(key(key));
      values.add(expected.get(key));
    }
    if (isRefused(at, () -> server.get(SHARD, at, keys, soon()))) {
      return;
    }
    var found = server.get(SHARD, at, keys, soon());
    assertThat(found.stream().map(row -> row == null ? null : Harness.value(row)))
        .as("get at %s", at)
        .containsExactlyElementsOf(values);
  }
}
