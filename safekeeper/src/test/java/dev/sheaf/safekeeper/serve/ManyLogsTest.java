package dev.sheaf.safekeeper.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.log.Configuration;
import dev.sheaf.log.Member;
import dev.sheaf.log.NodeId;
import dev.sheaf.log.RecordFrame;
import dev.sheaf.log.Reply;
import dev.sheaf.log.Request;
import dev.sheaf.log.TermHistory;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Term;
import dev.sheaf.safekeeper.journal.Journal;
import dev.sheaf.safekeeper.journal.JournalSettings;
import dev.sheaf.safekeeper.journal.MemoryStorage;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Most databases are idle: a log that nobody writes to must cost a few kilobytes and no more. */
final class ManyLogsTest {
  private static final int LOGS = 10_000;
  private static final long BYTES_PER_LOG = 6_000;

  private final MemoryStorage storage = new MemoryStorage();

  private Safekeeper open(ExecutorService executor) {
    Journal journal =
        Journal.open(
            storage,
            JournalSettings.DEFAULT,
            new NodeId("a"),
            1,
            Thread.ofPlatform().name("journal").daemon().factory(),
            error -> {});
    return new Safekeeper(journal, executor);
  }

  private static ShardId log(int number) {
    return ShardId.root(new DatabaseId("database-" + number));
  }

  private static void all(Safekeeper safekeeper, Request request) throws Exception {
    List<CompletableFuture<Reply>> replies = new ArrayList<>();
    for (int i = 0; i < LOGS; i++) {
      Deadline deadline = Deadline.after(System.nanoTime(), 60_000);
      replies.add(safekeeper.request(log(i), request, deadline));
    }
    for (CompletableFuture<Reply> reply : replies) {
      reply.get(60, TimeUnit.SECONDS);
    }
  }

  private static long usedHeapBytes() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      least = Math.min(least, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
    return least;
  }

  @Test
  void anIdleLogTakesFewKilobytes() throws Exception {
    Configuration three =
        Configuration.of(1, Stream.of("a:1", "b:2", "c:3").map(Member::parse).toList());
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      TermHistory history = TermHistory.EMPTY.extend(new Term(1), Lsn.ZERO);
      byte[] frame = RecordFrame.encode(Lsn.ZERO, new byte[100]);
      try (Safekeeper safekeeper = open(executor)) {
        all(safekeeper, new Request.Vote(new Term(1), 1, three));
        all(safekeeper, new Request.Elected(new Term(1), 1, three, Lsn.ZERO, Lsn.ZERO, history));
        all(safekeeper, new Request.Append(new Term(1), 1, 1, Lsn.ZERO, frame, Lsn.ZERO));
      }
      long before = usedHeapBytes();
      long begun = System.nanoTime();
      try (Safekeeper safekeeper = open(executor)) {
        long millis = (System.nanoTime() - begun) / 1_000_000;
        long bytes = (usedHeapBytes() - before) / LOGS;
        System.out.printf("%d logs: %d bytes each, recovered in %d ms%n", LOGS, bytes, millis);
        assertThat(safekeeper.states()).hasSize(LOGS);
        assertThat(bytes).isLessThan(BYTES_PER_LOG);
      }
    }
  }
}
