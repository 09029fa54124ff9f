package dev.sheaf.pageserver.serve;

import static dev.sheaf.pageserver.serve.Harness.TABLE;
import static dev.sheaf.pageserver.serve.Harness.key;
import static dev.sheaf.pageserver.serve.Harness.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.pageserver.PageServerConfig;
import dev.sheaf.pageserver.assign.ShardObjectRemoval;
import dev.sheaf.pageserver.branch.BackupStart;
import dev.sheaf.pageserver.branch.BranchReferences;
import dev.sheaf.pageserver.compact.CompactionSettings;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.shard.ShardService.BulkLoad;
import dev.sheaf.rpc.shard.ShardService.BulkRequest;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import dev.sheaf.rpc.shard.ShardService.CommitRequest;
import dev.sheaf.rpc.shard.ShardService.TransactionStatus;
import dev.sheaf.rpc.shard.ShardService.Write;
import dev.sheaf.rpc.shard.ShardService.WriteKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A tree of branches, each against a model of its own: random commits, deletions, bulk loads,
 * flushes, compactions, sweeps, restarts, crashes, and branches of branches and of their backups at
 * random moments of their histories.
 */
final class BranchModelTest {
  private static final int STEPS = 160;
  private static final int KEYS = 40;
  private static final int MAX_BRANCHES = 8;

  private static final CompactionSettings EAGER =
      new CompactionSettings(2, 6, 20_000, 3000, 2000, 1, 0.3, 0.3, 2, 1);

  @TempDir Path scratch;

  private Random random;
  private Harness harness;
  private PageServer server;
  private final List<Branch> branches = new ArrayList<>();

  /** Never opened. */
  private final List<Branch> backups = new ArrayList<>();

  private final Map<ShardId, ShardId> parents = new HashMap<>();
  private int shards;

  /** A database and its rows after each commit that it can see, by timestamp. */
  private record Branch(ShardId shard, TreeMap<Timestamp, TreeMap<Long, Long>> history) {
    TreeMap<Long, Long> present() {
      return history.lastEntry().getValue();
    }

    TreeMap<Long, Long> at(Timestamp timestamp) {
      return history.floorEntry(timestamp).getValue();
    }
  }

  private static ShardId shard(int number) {
    return ShardId.root(new DatabaseId("db" + number));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void everyBranchAgreesWithItsModelAtEveryTimestamp(long seed) {
    random = new Random(seed);
    harness = new Harness(scratch);
    harness.references = new BranchReferences(harness.objects, this::branchesOf);
    server = harness.start(config());
    var root = new Branch(shard(shards++), new TreeMap<>(Map.of(Timestamp.ZERO, new TreeMap<>())));
    branches.add(root);
    for (int step = 0; step < STEPS; step++) {
      try {
        step();
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("seed " + seed + ", step " + step, e);
      }
    }
    branches.forEach(this::checkAll);
    server.close();
    server = harness.start(config());
    branches.forEach(this::checkAll);
    server.close();
  }

  private PageServerConfig config() {
    return random.nextBoolean()
        ? Harness.SMALL
        : new PageServerConfig(1500, 1 << 20, 600, 2, 1 << 20, 10_000, 300_000, 0, EAGER);
  }

  private void step() {
    Branch branch = branches.get(random.nextInt(branches.size()));
    int dice = random.nextInt(100);
    if (dice < 50) {
      commit(branch);
    } else if (dice < 56) {
      server.compact(branch.shard(), soon());
    } else if (dice < 62) {
      server.maintain();
    } else if (dice < 70) {
      bulk(branch);
    } else if (dice < 80) {
      server.release(branch.shard(), soon());
    } else if (dice < 84) {
      server.close();
      server = harness.start(config());
    } else if (dice < 86) {
      checkStored(branch);
    } else if (dice < 89) {
      server.abandon();
      server = harness.start(config());
    } else if (dice < 92) {
      backUp(branch);
    } else if (branches.size() < MAX_BRANCHES) {
      if (backups.isEmpty() || random.nextBoolean()) {
        branchOff(branch);
      } else {
        branchOffBackup(random.nextInt(backups.size()));
      }
    }
    check(branch);
    check(branches.get(random.nextInt(branches.size())));
  }

  private List<BranchReferences.Branch> branchesOf(ShardId shard) {
    var found = new ArrayList<BranchReferences.Branch>();
    for (Branch each : Stream.concat(branches.stream(), backups.stream()).toList()) {
      ShardId ancestor = parents.get(each.shard());
      while (ancestor != null) {
        if (ancestor.equals(shard)) {
          found.add(new BranchReferences.Branch(each.shard(), true));
        }
        ancestor = parents.get(ancestor);
      }
    }
    return found;
  }

  private void branchOff(Branch parent) {
    Branch child = begin(parent);
    branches.add(child);
    assertThat(Harness.now(server, child.shard())).isGreaterThan(child.history().lastKey());
  }

  private void backUp(Branch parent) {
    backups.add(begin(parent));
  }

  /** A shard that nobody has opened yet. */
  private Branch begin(Branch parent) {
    ShardId child = shard(shards++);
    Timestamp at;
    if (random.nextBoolean()) {
      at = Harness.now(server, parent.shard());
    } else {
      var points = List.copyOf(parent.history().keySet());
      at = points.get(random.nextInt(points.size()));
    }
    parents.put(child, parent.shard());
    server.branch(parent.shard(), child, at, soon());
    if (random.nextBoolean()) {
      commit(parent);
      server.branch(parent.shard(), child, at, soon());
    }
    return new Branch(child, new TreeMap<>(parent.history().headMap(at, true)));
  }

  private void branchOffBackup(int number) {
    Branch backup = backups.get(number);
    ShardId child = shard(shards++);
    parents.put(child, parents.get(backup.shard()));
    BackupStart.write(harness.objects, backup.shard(), child);
    branches.add(new Branch(child, new TreeMap<>(backup.history())));
    if (random.nextBoolean()) {
      backups.remove(number);
      new ShardObjectRemoval(harness.objects, System::nanoTime).deleteAll(backup.shard(), soon());
    }
  }

  private void commit(Branch branch) {
    var next = new TreeMap<>(branch.present());
    Timestamp snapshot = Harness.now(server, branch.shard());
    var writes = new TreeMap<Long, Write>();
    for (int i = random.nextInt(6); i >= 0; i--) {
      long key = random.nextInt(KEYS);
      long value = random.nextInt(1000);
      if (writes.containsKey(key)) {
        continue;
      }
      WriteKind kind = WriteKind.values()[random.nextInt(3)];
      if (kind == WriteKind.INSERT && next.containsKey(key)) {
        kind = WriteKind.PUT;
      }
      writes.put(key, Harness.write(kind, key, value));
      if (kind == WriteKind.DELETE) {
        next.remove(key);
      } else {
        next.put(key, value);
      }
    }
    var result =
        Harness.commit(server, branch.shard(), snapshot, writes.values().toArray(Write[]::new));
    branch.history().put(result.timestamp(), next);
  }

  private void bulk(Branch branch) {
    var next = new TreeMap<>(branch.present());
    var columns =
        List.of(
            new ColumnRequest(ColumnRequest.KEY_COLUMN, PhysicalType.BYTES, null),
            new ColumnRequest(2, PhysicalType.LONG, null));
    Timestamp snapshot = Harness.now(server, branch.shard());
    var request =
        new BulkRequest(branch.shard(), Harness.id(), snapshot, TABLE, columns, List.of(), false);
    boolean duplicate = false;
    try (BulkLoad load = server.beginBulk(request, soon())) {
      for (int i = random.nextInt(20); i >= 0; i--) {
        long key = random.nextInt(KEYS * 2);
        if (next.containsKey(key) && random.nextInt(40) > 0) {
          continue;
        }
        duplicate |= next.put(key, key + 5000) != null;
        byte[] bytes = key(key);
        load.append(
            Batch.of(
                new Vec[] {
                  Vec.BytesVec.of(bytes, new int[] {0}, new int[] {bytes.length}, null, 1),
                  new Vec.LongVec(new long[] {key + 5000}, null, 1)
                },
                1),
            soon());
      }
      Timestamp timestamp = load.commit(soon()).timestamp();
      assertThat(duplicate).isFalse();
      branch.history().put(timestamp, next);
    } catch (SheafException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.UNIQUE_VIOLATION);
      assertThat(duplicate).isTrue();
    }
  }

  private void check(Branch branch) {
    var points = List.copyOf(branch.history().keySet());
    Timestamp at = points.get(points.size() - 1 - random.nextInt(Math.min(20, points.size())));
    long low = random.nextInt(KEYS);
    long high = low + random.nextInt(KEYS);
    assertThat(harness.scan(server, branch.shard(), at, new KeyRange(key(low), key(high))))
        .as("%s at %s", branch.shard(), at)
        .isEqualTo(new TreeMap<>(branch.at(at).subMap(low, high)));
    long key = random.nextInt(KEYS);
    Long expected = branch.at(at).get(key);
    byte[] row = server.get(branch.shard(), at, List.of(key(key)), soon()).getFirst();
    assertThat(row == null ? null : Harness.value(row))
        .as("%s key %s at %s", branch.shard(), key, at)
        .isEqualTo(expected);
    checkScan(branch, Harness.now(server, branch.shard()));
  }

  private void checkAll(Branch branch) {
    checkStored(branch);
    branch.history().keySet().forEach(at -> checkScan(branch, at));
    for (Timestamp at : branch.history().tailMap(new Timestamp(1)).keySet()) {
      checkScan(branch, new Timestamp(at.value() - 1));
    }
    checkScan(branch, Harness.now(server, branch.shard()));
  }

  /** What operators would ask for. */
  private void checkStored(Branch branch) {
    assertThat(StoreCheckTest.findings(server, branch.shard())).as("%s", branch.shard()).isEmpty();
  }

  private void checkScan(Branch branch, Timestamp at) {
    assertThat(harness.scan(server, branch.shard(), at, KeyRange.ofTable(TABLE)))
        .as("%s at %s", branch.shard(), at)
        .isEqualTo(branch.at(at));
  }

  @Test
  void transactionsAndCatalogEndAtTheBranchPoint() {
    harness = new Harness(scratch);
    server = harness.start();
    TransactionId before = Harness.id();
    TransactionId after = Harness.id();
    Timestamp catalog = catalogChange(before);
    Timestamp at = Harness.now(server, shard(0));
    Timestamp later = catalogChange(after);
    server.branch(shard(0), shard(1), at, soon());

    assertThat(server.snapshot(shard(1), soon()).catalogVersion()).isEqualTo(catalog);
    assertThat(server.catalogVersionAt(shard(0), later, soon())).isEqualTo(later);
    assertThat(server.status(shard(1), before, soon())).isEqualTo(TransactionStatus.COMMITTED);
    assertThat(server.status(shard(1), after, soon())).isEqualTo(TransactionStatus.ABORTED);
    assertThat(server.status(shard(0), after, soon())).isEqualTo(TransactionStatus.COMMITTED);
    server.close();
  }

  private Timestamp catalogChange(TransactionId transaction) {
    Timestamp snapshot = Harness.now(server, shard(0));
    byte[] key = TableKey.encodeRowId(1, snapshot.value());
    var write = new Write(key, WriteKind.PUT, Harness.row(1));
    return server
        .commit(
            new CommitRequest(shard(0), transaction, snapshot, List.of(write), List.of()), soon())
        .timestamp();
  }

  @Test
  void copiesNothingAndRefusesWhatCannotBe() {
    harness = new Harness(scratch);
    server = harness.start();
    for (int i = 0; i < 20; i++) {
      Timestamp snapshot = Harness.now(server, shard(0));
      Harness.commit(server, shard(0), snapshot, Harness.write(WriteKind.PUT, i, i));
    }
    server.release(shard(0), soon());
    int parents = harness.objects.list("db/db0/", "", 1000).size();
    Timestamp at = Harness.now(server, shard(0));
    server.branch(shard(0), shard(1), at, soon());
    assertThat(harness.objects.list("db/db0/", "", 1000)).hasSize(parents);
    assertThat(harness.objects.list("db/db1/", "", 1000)).hasSize(1);

    var future = Timestamp.ofMillis(System.currentTimeMillis() + 3_600_000);
    assertRefused(() -> server.branch(shard(0), shard(2), future, soon()));
    assertRefused(() -> server.branch(shard(0), shard(0), at, soon()));
    assertRefused(() -> server.branch(shard(0), new ShardId(shard(2).database(), 1), at, soon()));
    assertThat(harness.objects.list("db/db2/", "", 1000)).isEmpty();
    server.close();
  }

  private static void assertRefused(Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            SheafException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_PARAMETER_VALUE));
  }
}
