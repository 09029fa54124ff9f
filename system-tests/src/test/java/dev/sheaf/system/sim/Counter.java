package dev.sheaf.system.sim;

import dev.sheaf.protocol.Timestamp;
import dev.sheaf.rpc.shard.ShardService.Write;
import dev.sheaf.system.sim.Session.Outcome;
import dev.sheaf.testkit.sim.SimulationFailure;
import java.util.List;
import java.util.Random;

/**
 * Increments, each exactly once: the counter ends at the number of those that were acknowledged or
 * found to be committed, whatever answers were lost.
 */
final class Counter implements Workload {
  private static final int TABLE = 1003;

  private int committed;
  private int unknown;

  @Override
  public List<Write> initial() {
    return List.of(Rows.insert(TABLE, 0, 0));
  }

  @Override
  public void step(Session session, Random random) {
    Timestamp snapshot = session.snapshot();
    long value = read(session, snapshot);
    Outcome outcome = session.commit(snapshot, List.of(Rows.put(TABLE, 0, value + 1)));
    switch (outcome) {
      case Outcome.Committed done -> committed++;
      case Outcome.Aborted aborted -> {}
      case Outcome.Unknown open -> unknown++;
    }
  }

  private static long read(Session session, Timestamp snapshot) {
    return Rows.number(session.get(snapshot, List.of(Rows.key(TABLE, 0))).getFirst());
  }

  @Override
  public void check(Session session) {
    long value = read(session, session.snapshot());
    if (value < committed || value > committed + unknown) {
      throw new SimulationFailure(
          "the counter is at %d after %d increments, %d more of unknown outcome"
              .formatted(value, committed, unknown));
    }
  }
}
