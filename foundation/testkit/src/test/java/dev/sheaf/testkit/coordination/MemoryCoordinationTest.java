package dev.sheaf.testkit.coordination;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.Coordination.Lease;
import dev.sheaf.coordination.embedded.EmbeddedCoordination;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class MemoryCoordinationTest extends CoordinationContract {
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5_000_000_000L);

  @Override
  protected Coordination open() {
    return EmbeddedCoordination.inMemory(nanos::get, Thread::startVirtualThread);
  }

  @Override
  protected long nanoTime() {
    return nanos.get();
  }

  @Test
  void aLeaseHoldsUntilItIsClosedWhateverTheClockReads() {
    Lease lease = facts.grantLease(1_000);
    nanos.addAndGet(60_000_000_000L);
    assertThat(lease.validUntilNanos() - nanos.get()).isEqualTo(1_000_000_000L);
    lease.close();
    assertThat(lease.validUntilNanos() - nanos.get()).isNotPositive();
  }
}
