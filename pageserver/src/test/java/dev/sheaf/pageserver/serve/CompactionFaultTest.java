package dev.sheaf.pageserver.serve;

import static dev.sheaf.pageserver.serve.Harness.SHARD;
import static dev.sheaf.pageserver.serve.Harness.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.pageserver.manifest.ReadableTimes;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.shard.ShardService.WriteKind;
import java.util.HashSet;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What compaction leaves behind when something fails or happens in between. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class CompactionFaultTest extends EagerShard {
  @ParameterizedTest
  @ValueSource(strings = {"putFile", "put", "putIfAbsent", "getRange"})
  void aStepThatFailsBeforeOrAfterItsEffectLosesNothing(String step) {
    start();
    for (boolean before : new boolean[] {true, false}) {
      for (boolean crash : new boolean[] {true, false}) {
        put(0, 20, 1);
        flush();
        put(10, 30, 2);
        flush();
        long deleted = rows.firstKey();
        Timestamp gone = delete(deleted);
        flush();
        failOnce(step, before);
        server.compact(SHARD, soon());
        harness.objects.faults = new FaultyObjects.Faults() {};
        if (crash) {
          server.abandon();
          server = harness.start(EAGER);
        }
        check();
        put(40, 42, 3);
        flush();
        check();
        server.compact(SHARD, soon());
        server.maintain();
        server.maintain();
        check();
        checkReferences();
        assertThat(harness.scan(server, new Timestamp(gone.value() - 1), ALL)).containsKey(deleted);
      }
    }
  }

  private interface Wait {
    void run() throws InterruptedException;
  }

  private static void awaitOrEnd(Wait wait) {
    try {
      wait.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void failOnce(String step, boolean before) {
    var left = new AtomicInteger(1);
    harness.objects.faults =
        new FaultyObjects.Faults() {
          @Override
          public void before(String call, String key) {
            if (before) {
              fail(call);
            }
          }

          @Override
          public void after(String call, String key) {
            if (!before) {
              fail(call);
            }
          }

          private void fail(String call) {
            if (call.equals(step) && left.getAndDecrement() == 1) {
              throw new SheafException(ErrorCode.IO_ERROR, "the store hiccuped");
            }
          }
        };
  }

  /**
   * @param whileItWaits the flush is still publishing when the job comes to install its outputs
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void rowsSupersededWhileAJobRunsStaySuperseded(boolean whileItWaits) throws InterruptedException {
    start();
    put(0, 40, 1);
    flush();
    put(20, 60, 2);
    flush();
    var once = new AtomicInteger(1);
    var seen = new HashSet<Timestamp>();
    var histories = new TreeMap<Timestamp, TreeMap<Long, Long>>();
    var flushes = new CountDownLatch(1);
    var uploaded = new AtomicBoolean();
    Thread job = Thread.ofPlatform().unstarted(() -> server.compact(SHARD, soon()));
    harness.objects.faults =
        new FaultyObjects.Faults() {
          @Override
          public void before(String call, String key) {
            if (call.equals("putFile") && Thread.currentThread() != job) {
              flushes.countDown();
              while (whileItWaits && !(uploaded.get() && job.getState() == Thread.State.WAITING)) {
                Thread.yield();
              }
            }
          }

          @Override
          public void after(String call, String key) {
            // The outputs are up, the manifest is not: now inputs change, in a manifest of a flush.
            if (call.equals("putFile") && once.getAndDecrement() == 1) {
              histories.put(put(5, 25, 3), new TreeMap<>(rows));
              histories.put(delete(30), new TreeMap<>(rows));
              histories.put(delete(50), new TreeMap<>(rows));
              seen.add(histories.lastKey());
              Thread flush = Thread.startVirtualThread(() -> server.flush(SHARD, soon()));
              awaitOrEnd(whileItWaits ? flushes::await : flush::join);
              uploaded.set(true);
            }
          }
        };
    job.start();
    job.join();
    assertThat(seen).hasSize(1);
    assertThat(server.storeTotals().compactions()).isPositive();
    check();
    histories.forEach(
        (at, expected) -> assertThat(harness.scan(server, at, ALL)).isEqualTo(expected));
    server.abandon();
    server = harness.start(EAGER);
    check();
    histories.forEach(
        (at, expected) -> assertThat(harness.scan(server, at, ALL)).isEqualTo(expected));
  }

  @Test
  void droppedTimesStayRefusedForOwnersWithOtherClocks() {
    start();
    Timestamp first = put(0, 10, 1);
    Timestamp second = put(0, 10, 2);
    Timestamp third = put(0, 10, 3);
    flush();
    harness.retention = new ReadableTimes(third, List.of(first));
    server.compact(SHARD, soon());
    assertThat(newest().readable()).isEqualTo(harness.retention);
    assertThat(newest().segments().stream().mapToLong(SegmentMeta::rows).sum()).isEqualTo(20);
    // A point that comes too late, and a window that is suddenly longer.
    harness.retention = ReadableTimes.EVERYTHING;
    for (int owner = 0; owner < 2; owner++) {
      assertThat(harness.scan(server, first, ALL).values()).containsOnly(1L);
      assertThat(harness.scan(server, third, ALL)).isEqualTo(rows);
      assertThatThrownBy(() -> harness.scan(server, second, ALL))
          .isInstanceOfSatisfying(
              SheafException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SNAPSHOT_TOO_OLD))
          .hasMessageContaining("retention window begins at");
      assertThatThrownBy(() -> Harness.commit(server, first, Harness.write(WriteKind.PUT, 3, 4)))
          .isInstanceOfSatisfying(
              SheafException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.SNAPSHOT_TOO_OLD));
      server.abandon();
      server = harness.start(EAGER);
    }
  }

  /** Whether it is there or not: the next owner may begin at it. */
  @Test
  void aManifestOfUnknownOutcomeKeepsWhatItNames() {
    start();
    put(0, 20, 1);
    flush();
    put(10, 30, 2);
    server.flush(SHARD, soon());
    failOnce("putIfAbsent", false);
    server.compact(SHARD, soon());
    harness.objects.faults = new FaultyObjects.Faults() {};
    List<String> before = namedBy(SHARD);
    server.maintain();
    server.maintain();
    check();
    checkReferences();
    assertThat(namedBy(SHARD)).isEqualTo(before);
    server.abandon();
    server = harness.start(EAGER);
    check();
    checkReferences();
  }

  @ParameterizedTest
  @CsvSource({"putFile, true", "putFile, false", "putIfAbsent, true", "putIfAbsent, false"})
  void aShardMovesWhileAJobHangs(String step, boolean publishes) throws InterruptedException {
    start();
    put(0, 20, 1);
    flush();
    put(10, 30, 2);
    flush();
    var hangs = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    var once = new AtomicBoolean();
    harness.objects.faults =
        new FaultyObjects.Faults() {
          @Override
          public void before(String call, String key) {
            if (call.equals(step) && once.compareAndSet(false, true)) {
              hangs.countDown();
              awaitOrEnd(goOn::await);
            }
          }
        };
    PageServer former = server;
    Thread job = Thread.startVirtualThread(() -> former.compact(SHARD, soon()));
    hangs.await();
    put(25, 50, 3);
    former.handOver(SHARD, 100, Deadline.after(System.nanoTime(), 500));
    assertThat(job.isAlive()).isTrue();
    server = harness.start(EAGER);
    check();
    delete(27);
    if (publishes) {
      server.flush(SHARD, soon());
    }
    goOn.countDown();
    job.join();
    check();
    server.abandon();
    server = harness.start(EAGER);
    check();
    put(60, 61, 4);
    server.flush(SHARD, soon());
    server.compact(SHARD, soon());
    server.maintain();
    check();
    checkReferences();
    assertThat(unneeded()).isEmpty();
    former.close();
  }
}
