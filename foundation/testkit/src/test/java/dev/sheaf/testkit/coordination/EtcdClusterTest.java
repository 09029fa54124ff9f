package dev.sheaf.testkit.coordination;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.coordination.Coordination.Lease;
import dev.sheaf.coordination.etcd.EtcdCoordination;
import dev.sheaf.coordination.etcd.EtcdSettings;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.testkit.etcd.EtcdCluster;
import dev.sheaf.testkit.etcd.EtcdMember;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three members of etcd, of which some or all fall away. */
final class EtcdClusterTest {
  private static EtcdCluster etcd;
  private static ExecutorService executor;

  @BeforeAll
  static void startEtcd(@TempDir Path folder) {
    etcd = EtcdCluster.start(folder, 3);
    executor = Executors.newVirtualThreadPerTaskExecutor();
  }

  @AfterAll
  static void stopEtcd() {
    if (etcd != null) {
      etcd.close();
      executor.close();
    }
  }

  private static Coordination connect(String namespace, Duration operation) {
    var settings =
        EtcdSettings.of(etcd.endpoints(), namespace)
            .withTimeouts(Duration.ofMillis(500), operation);
    return EtcdCoordination.connect(settings, System::nanoTime, new Random(1), executor);
  }

  @Test
  void noCommitFailsWhenTheLeaderIsKilledOrPaused() throws Exception {
    try (Coordination facts = connect("leader", Duration.ofSeconds(15));
        var tally = new Tally(facts, 4)) {
      Lease lease = facts.grantLease(10_000);
      facts.commit(List.of(), List.of(new Change("leased", "1", lease)));
      tally.awaitMore(10);

      EtcdMember leader = etcd.leader();
      leader.kill();
      tally.awaitMore(20);
      leader.start();
      etcd.awaitHealthy();

      leader = etcd.leader();
      leader.pause();
      tally.awaitMore(20);
      leader.resume();
      etcd.awaitHealthy();
      tally.awaitMore(20);

      tally.stopAndCheck(facts);
      assertThat(tally.failures()).isEmpty();
      assertThat(lease.validUntilNanos() - System.nanoTime()).isPositive();
      assertThat(facts.get("leased")).isPresent();
    }
  }

  @Test
  void aLeaseRunsOutForItsHolderWhileAllMembersArePaused() throws Exception {
    try (Coordination facts = connect("paused", Duration.ofSeconds(1))) {
      Lease lease = facts.grantLease(3_000);
      facts.commit(List.of(), List.of(new Change("leased", "1", lease)));
      etcd.members().forEach(EtcdMember::pause);
      long pausedNanos = System.nanoTime();
      try {
        assertThat(lease.validUntilNanos() - pausedNanos).isLessThanOrEqualTo(3_000_000_000L);
        assertUnavailable(facts);
        while (lease.validUntilNanos() - System.nanoTime() > 0) {
          Thread.sleep(5);
        }
      } finally {
        etcd.members().forEach(EtcdMember::resume);
      }
      etcd.awaitHealthy();
      awaitAgreement(facts, lease);

      Lease next = facts.grantLease(3_000);
      assertThat(facts.commit(List.of(), List.of(new Change("next", "1", next)))).isTrue();
      assertThat(next.validUntilNanos() - System.nanoTime()).isPositive();
    }
  }

  private static void assertUnavailable(Coordination facts) {
    try {
      facts.commit(List.of(), List.of(Change.put("a", "1")));
      throw new AssertionError("committed by nobody");
    } catch (SheafException e) {
      assertThat(e.code()).isIn(ErrorCode.STATEMENT_COMPLETION_UNKNOWN, ErrorCode.IO_ERROR);
    }
  }

  /** Either the lease is gone with its entry, or it holds again and the entry was always there. */
  private static void awaitAgreement(Coordination facts, Lease lease) throws InterruptedException {
    while (true) {
      boolean present = facts.get("leased").isPresent();
      boolean held = lease.validUntilNanos() - System.nanoTime() > 0;
      if (!present) {
        assertThat(held).isFalse();
        return;
      }
      if (held) {
        return;
      }
      Thread.sleep(5);
    }
  }
}
