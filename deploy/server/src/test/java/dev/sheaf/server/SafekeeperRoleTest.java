package dev.sheaf.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.embedded.EmbeddedCoordination;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafekeeperRoleTest {
  private static final MemoryPlan MEMORY =
      MemoryPlan.of(512L << 20, 3, new MemoryPlan.Wishes(-1, -1, -1));

  @TempDir Path temp;

  private final ServerThreads threads = ServerThreads.start();
  private final ServerMetrics metrics = new ServerMetrics(new SimpleMeterRegistry());
  private final Coordination coordination =
      EmbeddedCoordination.inMemory(System::nanoTime, threads.blocking());

  @AfterEach
  void close() {
    coordination.close();
    threads.close();
  }

  private SafekeeperRole start(int count, DataFolder data) {
    return SafekeeperRole.start(count, data, coordination, MEMORY, threads, new Random(1), metrics);
  }

  @Test
  void membersStayTheSame() throws IOException {
    try (DataFolder data = DataFolder.open(temp, List.of("me"))) {
      start(3, data).close();
      SafekeeperRole again = start(3, data);
      assertThat(again.nodes()).hasSize(3);
      again.close();

      assertThatThrownBy(() -> start(1, data))
          .hasMessageContaining("sheaf.safekeepers is 1, but this data folder began with 3");

      try (Stream<Path> journal = Files.list(data.safekeeper(2))) {
        for (Path file : journal.toList()) {
          Files.delete(file);
        }
      }
      assertThatThrownBy(() -> start(3, data))
          .isInstanceOf(StartFailure.class)
          .hasMessageContainingAll("safekeeper-2", "is gone");
    }
  }
}
