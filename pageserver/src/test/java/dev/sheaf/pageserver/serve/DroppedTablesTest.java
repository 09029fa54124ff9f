package dev.sheaf.pageserver.serve;

import static dev.sheaf.pageserver.serve.Harness.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.pageserver.PageServerConfig;
import dev.sheaf.pageserver.branch.BranchReferences;
import dev.sheaf.pageserver.compact.CompactionSettings;
import dev.sheaf.pageserver.manifest.ManifestStore;
import dev.sheaf.pageserver.manifest.ReadableTimes;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.manifest.ShardObjects;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.catalog.CatalogKeys;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.rpc.shard.ShardService.CommitRequest;
import dev.sheaf.rpc.shard.ShardService.ReadRequest;
import dev.sheaf.rpc.shard.ShardService.ReadView;
import dev.sheaf.rpc.shard.ShardService.SegmentView;
import dev.sheaf.rpc.shard.ShardService.Write;
import dev.sheaf.rpc.shard.ShardService.WriteKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tables come and go, among random commits, flushes, compactions, sweeps, restarts, branches and
 * changes of what has to stay readable: whatever may be read has every table that there was then,
 * and in the end nothing is left of those that nobody can ask for.
 */
final class DroppedTablesTest {
  private static final int STEPS = 150;
  private static final CompactionSettings EAGER =
      new CompactionSettings(2, 6, 20_000, 3000, 2000, 1, 0.3, 0.3, 2, 1);
  private static final PageServerConfig CONFIG =
      new PageServerConfig(1500, 1 << 20, 600, 2, 1 << 20, 10_000, 300_000, 0, EAGER);

  @TempDir Path scratch;

  private Random random;
  private Harness harness;
  private PageServer server;
  private int nextTable = TableDescriptor.FIRST_USER_TABLE_ID;
  private final List<Database> databases = new ArrayList<>();

  /** The tables of a database after each commit, with their rows. */
  private record Database(
      ShardId shard, TreeMap<Timestamp, Map<Integer, TreeMap<Long, Long>>> history) {
    Map<Integer, TreeMap<Long, Long>> at(Timestamp timestamp) {
      return history.floorEntry(timestamp).getValue();
    }

    Map<Integer, TreeMap<Long, Long>> copyOfPresent() {
      var copy = new HashMap<Integer, TreeMap<Long, Long>>();
      history.lastEntry().getValue().forEach((table, rows) -> copy.put(table, new TreeMap<>(rows)));
      return copy;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void onlyWhatNobodyCanAskForGoes(long seed) {
    random = new Random(seed);
    harness = new Harness(scratch);
    harness.references = new BranchReferences(harness.objects, this::branchesOf);
    server = harness.start(CONFIG);
    databases.add(database(0, new TreeMap<>(Map.of(Timestamp.ZERO, Map.of()))));
    for (int step = 0; step < STEPS; step++) {
      try {
        step();
        check(databases.get(random.nextInt(databases.size())));
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("seed " + seed + ", step " + step, e);
      }
    }
    databases.forEach(this::settle);
    databases.forEach(this::checkNothingLeft);
    databases.forEach(this::check);
    server.close();
  }

  private static Database database(
      int number, TreeMap<Timestamp, Map<Integer, TreeMap<Long, Long>>> history) {
    return new Database(ShardId.root(new DatabaseId("db" + number)), history);
  }

  /** All branch off the first one. */
  private List<BranchReferences.Branch> branchesOf(ShardId shard) {
    return shard.equals(databases.getFirst().shard())
        ? databases.stream()
            .skip(1)
            .map(each -> new BranchReferences.Branch(each.shard(), true))
            .toList()
        : List.of();
  }

  private void step() {
    Database database = databases.get(random.nextInt(databases.size()));
    switch (random.nextInt(14)) {
      case 0, 1 -> create(database);
      case 2, 3, 4 -> write(database);
      case 5 -> drop(database);
      case 6 -> server.flush(database.shard(), soon());
      case 7 -> server.compact(database.shard(), soon());
      case 8 -> server.maintain();
      case 9 -> server.release(database.shard(), soon());
      case 10 -> {
        server.abandon();
        server = harness.start(CONFIG);
      }
      case 11 -> forget(database);
      case 12 -> branch();
      default -> {
        if (random.nextInt(3) == 0) {
          readWhileItGoes(database);
        }
      }
    }
  }

  private Timestamp now(Database database) {
    return Harness.now(server, database.shard());
  }

  private void commit(
      Database database, Map<Integer, TreeMap<Long, Long>> after, List<byte[]> guards, Write... w) {
    Timestamp snapshot = now(database);
    var request =
        new CommitRequest(database.shard(), Harness.id(), snapshot, Arrays.asList(w), guards);
    database.history().put(server.commit(request, soon()).timestamp(), after);
  }

  private void create(Database database) {
    int table = nextTable++;
    var after = database.copyOfPresent();
    after.put(table, new TreeMap<>(Map.of(1L, 5L)));
    commit(
        database,
        after,
        List.of(),
        new Write(CatalogKeys.table(table), WriteKind.INSERT, Harness.row(1)),
        new Write(TableKey.encodeRowId(table, 1), WriteKind.INSERT, Harness.row(5)));
  }

  private void write(Database database) {
    var after = database.copyOfPresent();
    if (after.isEmpty()) {
      return;
    }
    int table = anyOf(List.copyOf(after.keySet()));
    byte[] descriptor = CatalogKeys.table(table);
    if (random.nextInt(4) == 0) {
      commit(database, after, List.of(), new Write(descriptor, WriteKind.PUT, Harness.row(2)));
      return;
    }
    long key = random.nextInt(20);
    boolean delete = random.nextInt(4) == 0;
    long value = random.nextInt(100);
    byte[] row = TableKey.encodeRowId(table, key);
    if (delete) {
      after.get(table).remove(key);
    } else {
      after.get(table).put(key, value);
    }
    commit(
        database,
        after,
        List.of(descriptor),
        delete
            ? new Write(row, WriteKind.DELETE, null)
            : new Write(row, WriteKind.PUT, Harness.row(value)));
  }

  private void drop(Database database) {
    var after = database.copyOfPresent();
    if (!after.isEmpty()) {
      int table = anyOf(List.copyOf(after.keySet()));
      after.remove(table);
      commit(
          database, after, List.of(), new Write(CatalogKeys.table(table), WriteKind.DELETE, null));
    }
  }

  private <T> T anyOf(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  /** Less has to stay readable: from some moment on, and perhaps at one before that. */
  private void forget(Database database) {
    List<Timestamp> readable = readableTimes(database);
    Timestamp before = kept(database).from();
    Timestamp from = anyOf(readable.stream().filter(each -> !before.isAfter(each)).toList());
    List<Timestamp> points =
        readable.stream().filter(each -> from.isAfter(each) && random.nextInt(8) == 0).toList();
    harness.retentions.put(database.shard(), new ReadableTimes(from, points));
  }

  private ReadableTimes kept(Database database) {
    return harness.retentions.getOrDefault(database.shard(), ReadableTimes.EVERYTHING);
  }

  /** Moments that are readable and at which something was committed, and the present. */
  private List<Timestamp> readableTimes(Database database) {
    var times = new ArrayList<>(database.history().keySet());
    times.removeIf(each -> !kept(database).includes(each) || each.value() == 0);
    times.add(now(database));
    return times;
  }

  private void branch() {
    if (databases.size() < 4) {
      Database parent = databases.getFirst();
      Timestamp at = anyOf(readableTimes(parent));
      var history = new TreeMap<>(parent.history().headMap(at, true));
      Database child = database(databases.size(), history);
      databases.add(child);
      // What the parent has let go of nobody can bring back.
      ReadableTimes ofParent = kept(parent);
      harness.retentions.put(
          child.shard(),
          ofParent.from().isAfter(at)
              ? new ReadableTimes(at, ofParent.points().stream().filter(at::isAfter).toList())
              : ofParent);
      server.branch(parent.shard(), child.shard(), at, soon());
    }
  }

  private void check(Database database) {
    for (int i = 0; i < 3; i++) {
      Timestamp at = anyOf(readableTimes(database));
      database
          .at(at)
          .forEach((table, rows) ->
              assertThat(scan(database, at, table))
                  .as("%s, table %s at %s", database.shard(), table, at)
                  .isEqualTo(rows));
    }
  }

  private TreeMap<Long, Long> scan(Database database, Timestamp at, int table) {
    return harness.scan(server, database.shard(), at, KeyRange.ofTable(table));
  }

  /** What a view names stays, though the table goes and nobody else may read it any more. */
  private void readWhileItGoes(Database database) {
    var tables = database.history().lastEntry().getValue();
    if (tables.isEmpty()) {
      return;
    }
    int table = anyOf(List.copyOf(tables.keySet()));
    server.flush(database.shard(), soon());
    var request =
        new ReadRequest(database.shard(), now(database), KeyRange.ofTable(table), List.of());
    try (ReadView view = server.openView(request, soon());
        BatchSource unused = view.tail()) {
      var after = database.copyOfPresent();
      after.remove(table);
      commit(
          database, after, List.of(), new Write(CatalogKeys.table(table), WriteKind.DELETE, null));
      settle(database);
      for (SegmentView segment : view.segments()) {
        assertThat(harness.objects.size(segment.objectKey())).isPresent();
      }
    }
  }

  /** From now on only the present is readable. */
  private void settle(Database database) {
    // What goes is bounded by the newest commit that was flushed: let one follow all drops.
    create(database);
    server.flush(database.shard(), soon());
    harness.retentions.put(database.shard(), new ReadableTimes(now(database), List.of()));
    server.compact(database.shard(), soon());
    server.maintain();
    server.maintain();
  }

  private void checkNothingLeft(Database database) {
    var manifests = new ManifestStore(harness.objects, new ShardObjects(database.shard()));
    assertThat(manifests.newest(Lsn.ZERO).segments().stream().map(SegmentMeta::tableId))
        .as("%s", database.shard())
        .allMatch(table ->
            table < TableDescriptor.FIRST_USER_TABLE_ID
                || database.history().lastEntry().getValue().containsKey(table));
    assertThat(StoreCheckTest.findings(server, database.shard())).isEmpty();
  }
}
