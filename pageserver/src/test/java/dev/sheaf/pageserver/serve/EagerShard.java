package dev.sheaf.pageserver.serve;

import static dev.sheaf.pageserver.serve.Harness.SHARD;
import static dev.sheaf.pageserver.serve.Harness.TABLE;
import static dev.sheaf.pageserver.serve.Harness.soon;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.pageserver.PageServerConfig;
import dev.sheaf.pageserver.compact.CompactionSettings;
import dev.sheaf.pageserver.manifest.Manifest;
import dev.sheaf.pageserver.manifest.ManifestStore;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.manifest.ShardObjects;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.rpc.shard.ShardInspection.Fate;
import dev.sheaf.rpc.shard.ShardInspection.Leftover;
import dev.sheaf.rpc.shard.ShardService.WriteKind;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * A shard whose page server compacts and deletes as soon as it may, and what its rows should be.
 * What tests of compaction and of sweeps begin with.
 */
abstract class EagerShard {
  static final KeyRange ALL = KeyRange.ofTable(TABLE);
  static final PageServerConfig EAGER =
      new PageServerConfig(
          1L << 30,
          4L << 30,
          4096,
          2,
          1L << 20,
          10_000,
          300_000,
          0,
          new CompactionSettings(2, 8, 1 << 20, 1 << 20, 1 << 20, 1, 0.3, 0.3, 4, 0));

  static final Set<Fate> UNNEEDED = Set.of(Fate.DELETED, Fate.GRACE, Fate.VIEW, Fate.MANIFEST);
  static final ShardId CHILD = ShardId.root(new DatabaseId("db1"));

  @TempDir Path scratch;
  Harness harness;
  PageServer server;
  final TreeMap<Long, Long> rows = new TreeMap<>();

  void start() {
    harness = new Harness(scratch);
    server = harness.start(EAGER);
  }

  @AfterEach
  void stop() {
    harness.objects.faults = new FaultyObjects.Faults() {};
    server.close();
  }

  Timestamp put(long from, long to, long value) {
    Timestamp last = Timestamp.ZERO;
    for (long key = from; key < to; key++) {
      last =
          Harness.commit(server, Harness.now(server), Harness.write(WriteKind.PUT, key, value))
              .timestamp();
      rows.put(key, value);
    }
    return last;
  }

  Timestamp delete(long key) {
    rows.remove(key);
    return Harness.commit(server, Harness.now(server), Harness.write(WriteKind.DELETE, key, 0))
        .timestamp();
  }

  void flush() {
    server.release(SHARD, soon());
    server.open(SHARD, soon());
  }

  void check() {
    assertThat(harness.scan(server, Harness.now(server), ALL)).isEqualTo(rows);
  }

  List<Leftover> leftovers() {
    return server.planSweep(SHARD, soon()).leftovers();
  }

  /** What neither the present nor a branch needs, whether or not its time has come. */
  Set<String> unneeded() {
    return leftovers().stream()
        .filter(each -> UNNEEDED.contains(each.fate()))
        .map(Leftover::objectKey)
        .collect(toSet());
  }

  Map<String, Fate> fates() {
    return leftovers().stream().collect(toMap(Leftover::objectKey, Leftover::fate));
  }

  Manifest newest() {
    return new ManifestStore(harness.objects, new ShardObjects(SHARD)).newest(Lsn.ZERO);
  }

  /** Everything that a manifest names must be there. */
  void checkReferences() {
    var store = new ManifestStore(harness.objects, new ShardObjects(SHARD));
    for (String key : store.keys()) {
      Manifest manifest = store.read(key);
      for (SegmentMeta segment : manifest.segments()) {
        assertThat(harness.objects.size(segment.objectKey())).as(key).isPresent();
      }
      for (String deletes : manifest.deletes()) {
        assertThat(harness.objects.size(deletes)).as(key).isPresent();
      }
    }
  }

  List<String> namedBy(ShardId shard) {
    return new ManifestStore(harness.objects, new ShardObjects(shard))
        .newest(Lsn.ZERO).segments().stream().map(SegmentMeta::objectKey).toList();
  }
}
