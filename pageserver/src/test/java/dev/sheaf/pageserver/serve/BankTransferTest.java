package dev.sheaf.pageserver.serve;

import static dev.sheaf.pageserver.serve.Harness.SHARD;
import static dev.sheaf.pageserver.serve.Harness.TABLE;
import static dev.sheaf.pageserver.serve.Harness.key;
import static dev.sheaf.pageserver.serve.Harness.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.pageserver.PageServerConfig;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorKind;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.rpc.shard.ShardService.Write;
import dev.sheaf.rpc.shard.ShardService.WriteKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Money moves between accounts while readers add it up: the sum never changes. */
final class BankTransferTest {
  private static final long SEED = 20_261_122L;
  private static final int ACCOUNTS = 12;
  private static final long EACH = 100;

  @TempDir Path scratch;

  @Test
  void everySnapshotSeesAllTheMoney() throws Exception {
    var harness = new Harness(scratch);
    // Memtables small enough for flushes to run beside the transfers.
    var server = harness.start(new PageServerConfig(20_000, 1 << 20, 4096, 2, 1 << 20, 10_000));
    var opening = new ArrayList<Write>();
    for (int account = 0; account < ACCOUNTS; account++) {
      opening.add(Harness.write(WriteKind.INSERT, account, EACH));
    }
    Harness.commit(server, Harness.now(server), opening.toArray(Write[]::new));

    var transferred = new AtomicInteger();
    var conflicts = new AtomicInteger();
    var done = new AtomicBoolean();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var readers = new ArrayList<Callable<Integer>>();
      for (int i = 0; i < 2; i++) {
        readers.add(() -> audit(harness, server, done));
      }
      var audits = readers.stream().map(threads::submit).toList();
      var writers = new ArrayList<Callable<Void>>();
      for (int i = 0; i < 6; i++) {
        var random = new Random(SEED + i);
        writers.add(() -> {
          for (int n = 0; n < 250; n++) {
            transfer(server, random, transferred, conflicts);
          }
          return null;
        });
      }
      for (var writer : threads.invokeAll(writers)) {
        writer.get();
      }
      done.set(true);
      for (var audit : audits) {
        assertThat(audit.get()).as("seed %s", SEED).isPositive();
      }
    }
    assertThat(transferred.get() + conflicts.get()).isEqualTo(1500);
    assertThat(transferred).hasPositiveValue();
    server.close();
    var reopened = harness.start();
    assertThat(sum(harness, reopened, Harness.now(reopened))).isEqualTo(ACCOUNTS * EACH);
  }

  private static void transfer(
      PageServer server, Random random, AtomicInteger transferred, AtomicInteger conflicts) {
    long from = random.nextInt(ACCOUNTS);
    long to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
    Timestamp snapshot = Harness.now(server);
    var rows = server.get(SHARD, snapshot, List.of(key(from), key(to)), soon());
    long amount = random.nextInt(50);
    try {
      Harness.commit(
          server,
          snapshot,
          Harness.write(WriteKind.PUT, from, Harness.value(rows.get(0)) - amount),
          Harness.write(WriteKind.PUT, to, Harness.value(rows.get(1)) + amount));
      transferred.incrementAndGet();
    } catch (SheafException e) {
      assertThat(e.code().kind()).isEqualTo(ErrorKind.RETRY);
      conflicts.incrementAndGet();
    }
  }

  private static int audit(Harness harness, PageServer server, AtomicBoolean done) {
    int audits = 0;
    Timestamp first = Harness.now(server);
    do {
      Timestamp now = Harness.now(server);
      assertThat(sum(harness, server, now))
          .as("at %s, seed %s", now, SEED)
          .isEqualTo(ACCOUNTS * EACH);
      assertThat(sum(harness, server, first)).isEqualTo(ACCOUNTS * EACH);
      audits++;
    } while (!done.get());
    return audits;
  }

  private static long sum(Harness harness, PageServer server, Timestamp at) {
    var rows = harness.scan(server, at, KeyRange.ofTable(TABLE));
    assertThat(rows).hasSize(ACCOUNTS);
    return rows.values().stream().mapToLong(Long::longValue).sum();
  }
}
