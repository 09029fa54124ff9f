package dev.sheaf.pageserver.serve;

import static dev.sheaf.pageserver.serve.Harness.SHARD;
import static dev.sheaf.pageserver.serve.Harness.key;
import static dev.sheaf.pageserver.serve.Harness.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.pageserver.PageServerConfig;
import dev.sheaf.pageserver.assign.ShardRemoval;
import dev.sheaf.pageserver.branch.BranchReferences;
import dev.sheaf.pageserver.compact.CompactionSettings;
import dev.sheaf.pageserver.grant.Grants;
import dev.sheaf.pageserver.log.MemoryShardLog;
import dev.sheaf.pageserver.manifest.ShardObjects;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.cluster.ShardKeys;
import dev.sheaf.rpc.shard.ShardInspection.CheckListener;
import dev.sheaf.rpc.shard.ShardInspection.Checked;
import dev.sheaf.rpc.shard.ShardInspection.Finding;
import dev.sheaf.rpc.shard.ShardService.CommitRequest;
import dev.sheaf.rpc.shard.ShardService.Write;
import dev.sheaf.rpc.shard.ShardService.WriteKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Shards that move take their hot pages along, and cost nothing where nobody asks for them. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class WarmMoveTest {
  private static final ShardId CHILD = ShardId.root(new DatabaseId("db1"));
  private static final String LIST = new ShardObjects(SHARD).hotPages();
  private static final int ROWS = 20_000;
  private static final List<byte[]> HOT = List.of(key(7), key(9_000), key(15_555));

  /** Leases outlive every jump of the clock. */
  private static final PageServerConfig PATIENT =
      new PageServerConfig(
          1L << 30,
          4L << 30,
          4096,
          2,
          16L << 20,
          Duration.ofDays(10).toMillis(),
          300_000,
          Duration.ofMinutes(15).toMillis(),
          new CompactionSettings(2, 8, 1 << 20, 1 << 20, 1 << 20, 1, 0.3, 0.3, 4, 0));

  @TempDir Path scratch;
  private Harness harness;
  private final BlockingQueue<Runnable> warming = new LinkedBlockingQueue<>();
  private final ConcurrentLinkedQueue<String> requests = new ConcurrentLinkedQueue<>();
  private final List<PageServer> started = new ArrayList<>();

  @BeforeEach
  void begin() {
    harness = new Harness(scratch);
    harness.warming = warming::add;
    harness.references =
        new BranchReferences(
            harness.objects,
            shard ->
                shard.equals(SHARD)
                    ? List.of(new BranchReferences.Branch(CHILD, true))
                    : List.of());
    harness.objects.faults =
        new FaultyObjects.Faults() {
          @Override
          public void before(String call, String key) {
            requests.add(call + " " + key);
          }
        };
  }

  @AfterEach
  void stop() {
    harness.objects.faults = new FaultyObjects.Faults() {};
    started.forEach(PageServer::close);
  }

  private Deadline soon() {
    return Deadline.after(System.nanoTime() + harness.aheadNanos, 20_000);
  }

  private Timestamp now(PageServer server, ShardId shard) {
    return server.snapshot(shard, soon()).timestamp();
  }

  private void commit(PageServer server, ShardId shard, Write... writes) {
    server.commit(
        new CommitRequest(
            shard, Harness.id(), now(server, shard), Arrays.asList(writes), List.of()),
        soon());
  }

  private PageServer start() {
    PageServer server = harness.start(PATIENT);
    started.add(server);
    return server;
  }

  /**
   * A page server whose shard is one large segment of which three rows are read again and again.
   */
  private PageServer startWithHotPages() {
    PageServer server = start();
    Write[] writes = new Write[ROWS];
    for (int i = 0; i < ROWS; i++) {
      writes[i] = write(WriteKind.PUT, i, i * 1_000_003L % 777_777);
    }
    commit(server, SHARD, writes);
    server.flush(SHARD, soon());
    for (int i = 0; i < 3; i++) {
      readHot(server, SHARD);
    }
    return server;
  }

  private void readHot(PageServer server, ShardId shard) {
    assertThat(server.get(shard, now(server, shard), HOT, soon()))
        .extracting(Harness::value)
        .containsExactly(
            7 * 1_000_003L % 777_777, 9_000 * 1_000_003L % 777_777, 15_555 * 1_000_003L % 777_777);
  }

  private void warmUp() {
    Runnable task;
    while ((task = warming.poll()) != null) {
      task.run();
    }
  }

  private List<String> takeRequests() {
    var taken = new ArrayList<String>();
    String next;
    while ((next = requests.poll()) != null) {
      taken.add(next);
    }
    return taken;
  }

  private void maintainAfter(PageServer server, Duration pause) {
    harness.aheadNanos += pause.toNanos();
    server.maintain();
  }

  private Optional<byte[]> list() {
    return harness.objects.get(LIST);
  }

  @Test
  void readsAfterAMoveMakeNoRequestsForWhatWasHot() {
    PageServer first = startWithHotPages();
    first.handOver(SHARD, 20_000, soon());
    PageServer second = start();
    second.open(SHARD, soon());
    assertThat(warming).as("in the background").hasSize(1);
    warmUp();
    takeRequests();
    readHot(second, SHARD);
    assertThat(takeRequests()).isEmpty();

    // Handed on at once, and also by a stop.
    second.close();
    PageServer third = start();
    third.open(SHARD, soon());
    warmUp();
    takeRequests();
    readHot(third, SHARD);
    assertThat(takeRequests()).isEmpty();

    third.handOver(SHARD, 20_000, soon());
    harness.objects.delete(LIST);
    PageServer cold = start();
    cold.open(SHARD, soon());
    warmUp();
    takeRequests();
    readHot(cold, SHARD);
    assertThat(takeRequests()).as("without a list").hasSizeGreaterThan(3);
  }

  @Test
  void aBranchTakesPagesOfItsParentAlong() {
    PageServer first = startWithHotPages();
    first.branch(SHARD, CHILD, now(first, SHARD), soon());
    readHot(first, CHILD);
    warmUp();
    first.handOver(CHILD, 20_000, soon());
    PageServer second = start();
    second.open(CHILD, soon());
    warmUp();
    takeRequests();
    readHot(second, CHILD);
    assertThat(takeRequests()).isEmpty();
  }

  @Test
  void whatIsInMemoryIsNotFetchedOnceMore() {
    PageServer first = startWithHotPages();
    first.handOver(SHARD, 20_000, soon());
    takeRequests();
    first.open(SHARD, soon());
    warmUp();
    assertThat(takeRequests()).noneMatch(request -> request.startsWith("getRange"));
  }

  @Test
  void aShardThatIsClosedMeanwhileFetchesNothing() {
    PageServer first = startWithHotPages();
    first.handOver(SHARD, 20_000, soon());
    byte[] kept = list().orElseThrow();
    PageServer second = start();
    second.open(SHARD, soon());
    second.handOver(SHARD, 20_000, soon());
    takeRequests();
    warmUp();
    assertThat(takeRequests()).isEmpty();
    assertThat(list()).as("passed on").hasValue(kept);
  }

  @Test
  void aListThatCannotBeUsedMakesAColdStartAndIsReplaced() {
    PageServer server = startWithHotPages();
    server.handOver(SHARD, 20_000, soon());
    byte[] good = list().orElseThrow();
    byte[] damaged = good.clone();
    damaged[good.length / 2] ^= 1;
    server.branch(SHARD, CHILD, now(server, SHARD), soon());
    readHot(server, CHILD);
    warmUp();
    server.handOver(CHILD, 20_000, soon());
    byte[] foreign = harness.objects.get(new ShardObjects(CHILD).hotPages()).orElseThrow();
    server.close();
    for (byte[] bad : new byte[][] {damaged, foreign, {}, new byte[17 << 20]}) {
      harness.objects.put(LIST, bad);
      PageServer next = start();
      next.open(SHARD, soon());
      takeRequests();
      warmUp();
      assertThat(takeRequests()).noneMatch(request -> request.startsWith("getRange"));
      for (int i = 0; i < 3; i++) {
        readHot(next, SHARD);
      }
      next.close();
      assertThat(list()).hasValue(good);
    }
  }

  @Test
  void aStoreThatRefusesTheListDelaysNothing() {
    PageServer first = startWithHotPages();
    harness.objects.faults =
        new FaultyObjects.Faults() {
          @Override
          public void before(String call, String key) {
            if (key.equals(LIST)) {
              throw new SheafException(ErrorCode.IO_ERROR, "the store is away");
            }
          }
        };
    maintainAfter(first, Duration.ofMinutes(6));
    first.handOver(SHARD, 20_000, soon());
    PageServer second = start();
    second.open(SHARD, soon());
    warmUp();
    readHot(second, SHARD);
    assertThat(list0()).isEmpty();
  }

  private List<String> list0() {
    harness.objects.faults = new FaultyObjects.Faults() {};
    return harness.objects.list(LIST, "", 1);
  }

  @Test
  void shardsThatNobodyReadsMakeNoRequests() {
    PageServer server = startWithHotPages();
    var shards = new ArrayList<ShardId>(List.of(SHARD));
    for (int i = 2; i < 12; i++) {
      var shard = ShardId.root(new DatabaseId("db" + i));
      shards.add(shard);
      commit(server, shard, write(WriteKind.PUT, 7, i));
      server.flush(shard, soon());
      for (int read = 0; read < 3; read++) {
        assertThat(server.get(shard, now(server, shard), List.of(key(7)), soon())).hasSize(1);
      }
    }
    takeRequests();
    maintainAfter(server, Duration.ofMinutes(6));
    assertThat(takeRequests())
        .contains(
            shards.stream()
                .map(shard -> "put " + new ShardObjects(shard).hotPages())
                .toArray(String[]::new));
    // Until superseded manifests are swept.
    for (int i = 0; i < 8; i++) {
      maintainAfter(server, Duration.ofMinutes(10));
    }
    takeRequests();
    for (int i = 0; i < 100; i++) {
      maintainAfter(server, Duration.ofMinutes(6));
    }
    assertThat(takeRequests()).isEmpty();

    // Read again, but nothing else became hot.
    readHot(server, SHARD);
    maintainAfter(server, Duration.ofMinutes(6));
    assertThat(takeRequests()).isEmpty();
    server.close();
    assertThat(takeRequests()).noneMatch(request -> request.contains("hot-pages"));
  }

  @Test
  void sweepsAndChecksLeaveTheListAlone() {
    PageServer server = startWithHotPages();
    maintainAfter(server, Duration.ofMinutes(6));
    assertThat(list()).isPresent();
    assertThat(server.planSweep(SHARD, soon()).leftovers())
        .noneMatch(each -> each.objectKey().equals(LIST));
    commit(server, SHARD, write(WriteKind.PUT, 1, 1));
    server.flush(SHARD, soon());
    for (int i = 0; i < 5; i++) {
      maintainAfter(server, Duration.ofHours(20));
    }
    assertThat(list()).isPresent();
    var findings = new ArrayList<Finding>();
    server.check(
        SHARD,
        new CheckListener() {
          @Override
          public void progress(Checked soFar) {}

          @Override
          public void found(Finding finding) {
            findings.add(finding);
          }
        },
        soon());
    assertThat(findings).isEmpty();
  }

  @Test
  void anOwnerThatWasReplacedWritesNoList() {
    PageServer first = startWithHotPages();
    harness.coordination.commit(List.of(), List.of(Change.delete(ShardKeys.holder(SHARD))));
    PageServer second = start();
    second.open(SHARD, soon());
    takeRequests();
    maintainAfter(first, Duration.ofMinutes(6));
    assertThat(takeRequests()).noneMatch(request -> request.contains("hot-pages"));
  }

  /** The write hangs while the shard is given up, and all that is stored of it deleted. */
  @Test
  void aListThatComesTooLateDoesNotOutliveTheDatabase() {
    PageServer server = startWithHotPages();
    var removal =
        new ShardRemoval(
            harness.coordination,
            harness.objects,
            id -> new MemoryShardLog(harness.log(id)),
            new Grants(harness.coordination, "other", 10_000, System::nanoTime),
            System::nanoTime);
    harness.objects.faults =
        new FaultyObjects.Faults() {
          @Override
          public void before(String call, String key) {
            if (call.equals("put") && key.equals(LIST)) {
              requests.add("list");
              server.discard(SHARD);
              removal.remove(SHARD, List.of(), soon());
              assertThat(harness.objects.list("db/", "", 10)).isEmpty();
            }
          }
        };
    maintainAfter(server, Duration.ofMinutes(6));
    assertThat(requests).contains("list");
    assertThat(harness.objects.list("db/", "", 10)).isEmpty();
  }
}
