package dev.sheaf.testkit.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.coordination.Coordination.Lease;
import dev.sheaf.testkit.coordination.CoordinationContract;
import java.util.List;
import org.junit.jupiter.api.Test;

/** From outside of a simulated thread: the store alone, without delay and faults. */
final class SimulatedCoordinationTest extends CoordinationContract {
  private final Simulation simulation = new Simulation(1);
  private final Machine machine = simulation.machine("node");
  private final SimulatedCoordination store = new SimulatedCoordination(simulation, Faults.NONE);

  @Override
  protected Coordination open() {
    return store.client(machine);
  }

  @Override
  protected long nanoTime() {
    return machine.nanos();
  }

  @Test
  void aLeaseIsKeptWhileItsMachineLivesAndReachesTheStore() {
    var held = new Lease[1];
    machine.start(() -> {
      Coordination client = store.client(machine);
      held[0] = client.grantLease(3_000);
      boolean _ = client.commit(List.of(), List.of(new Change("here", "1", held[0])));
    });
    run(20_000);
    assertThat(facts.get("here")).isPresent();
    assertThat(held[0].validUntilNanos() - machine.nanos()).isPositive();

    store.setReachable(machine, false);
    run(2_000);
    assertThat(facts.get("here")).isPresent();
    run(4_000);
    assertThat(facts.get("here")).isEmpty();
    assertThat(held[0].validUntilNanos() - machine.nanos()).isNegative();
  }

  /** The holder lets go before the store does, however its clock goes. */
  @Test
  void nobodyHoldsALeaseThatIsOver() {
    for (long seed = 1; seed <= 50; seed++) {
      var other = new Simulation(seed);
      var otherStore = new SimulatedCoordination(other, Faults.NONE);
      Machine holder = other.machine("holder");
      var held = new Lease[1];
      holder.start(() -> {
        Coordination client = otherStore.client(holder);
        held[0] = client.grantLease(3_000);
        boolean _ = client.commit(List.of(), List.of(new Change("here", "1", held[0])));
      });
      boolean _ = other.run(other.betweenMillis(3_000, 6_000), () -> false);
      otherStore.setReachable(holder, false);
      other.invariant(() ->
          assertThat(
                  otherStore.client(holder).get("here").isPresent()
                      || held[0].validUntilNanos() - holder.nanos() <= 0)
              .isTrue());
      boolean _ = other.run(other.nanos() + 10_000_000_000L, () -> false);
      assertThat(held[0].validUntilNanos() - holder.nanos()).isNegative();
      other.close();
    }
  }

  private void run(long millis) {
    boolean _ = simulation.run(simulation.nanos() + millis * 1_000_000, () -> false);
  }
}
