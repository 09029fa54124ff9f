package dev.sheaf.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.control.leader.LeaderElection;
import dev.sheaf.coordination.embedded.EmbeddedCoordination;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.cluster.NodeLease;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rounds are called by the test; the clock and the store's uploads are the test's too. */
final class UploadJanitorTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Executor THREADS = Thread::startVirtualThread;

  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final EmbeddedCoordination coordination =
      EmbeddedCoordination.inMemory(System::nanoTime, THREADS);

  /** Under way, by when they began. */
  private final Map<String, Instant> uploads = new ConcurrentHashMap<>();

  private volatile Instant now = START;
  private volatile boolean down;

  private int abortBefore(Instant time) {
    if (down) {
      throw new SheafException(ErrorCode.IO_ERROR, "the store is down");
    }
    int before = uploads.size();
    uploads.values().removeIf(begun -> begun.isBefore(time));
    return before - uploads.size();
  }

  private UploadJanitor janitor(LeaderElection election) {
    return new UploadJanitor(this::abortBefore, election, () -> now, THREADS, timer);
  }

  private LeaderElection candidate(String name, NodeLease lease) {
    return new LeaderElection(coordination, name, lease, THREADS, timer);
  }

  private static void until(BooleanSupplier reached) {
    Deadline deadline = Deadline.after(System.nanoTime(), 20_000);
    while (!reached.getAsBoolean()) {
      deadline.check(System.nanoTime());
      Thread.onSpinWait();
    }
  }

  @AfterEach
  void stop() {
    timer.shutdownNow();
    coordination.close();
  }

  @Test
  void theLeaderAbortsUploadsOfMoreThanADay() {
    try (var lease = new NodeLease(coordination, 10_000, System::nanoTime);
        var otherLease = new NodeLease(coordination, 10_000, System::nanoTime);
        var election = candidate("c1", lease)) {
      until(() -> election.leadership().isPresent());
      try (var follower = candidate("c2", otherLease);
          var idle = janitor(follower);
          var janitor = janitor(election)) {
        uploads.put("abandoned", START);
        now = START.plus(Duration.ofDays(1));
        uploads.put("young", now);
        janitor.round();
        assertThat(uploads.keySet())
            .as("a day is not more")
            .isEqualTo(Set.of("abandoned", "young"));

        now = now.plusSeconds(1);
        idle.round();
        assertThat(uploads.keySet()).as("who does not lead aborts nothing").contains("abandoned");

        down = true;
        janitor.round();
        down = false;
        assertThat(uploads.keySet()).contains("abandoned");
        janitor.round();
        assertThat(uploads.keySet()).isEqualTo(Set.of("young"));
      }
    }
  }
}
