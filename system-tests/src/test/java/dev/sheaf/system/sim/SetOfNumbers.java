package dev.sheaf.system.sim;

import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.rpc.shard.ShardService.Write;
import dev.sheaf.system.sim.Session.Outcome;
import dev.sheaf.testkit.sim.SimulationFailure;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Every number is added once: in the end those whose addition was acknowledged are there, those
 * whose addition failed are not, and none is there twice. A scan in between has all that was
 * acknowledged before it began.
 */
final class SetOfNumbers implements Workload {
  private static final int TABLE = 1001;

  private final TreeSet<Long> added = new TreeSet<>();
  private final TreeMap<Long, String> refused = new TreeMap<>();
  private long next;

  @Override
  public List<Write> initial() {
    return List.of();
  }

  @Override
  public void step(Session session, Random random) {
    if (random.nextInt(6) == 0) {
      checkScan(session);
      return;
    }
    Timestamp snapshot = session.snapshot();
    long number = next++;
    Outcome outcome = session.commit(snapshot, List.of(Rows.insert(TABLE, number, number)));
    switch (outcome) {
      case Outcome.Committed committed -> added.add(number);
      case Outcome.Aborted(var why) -> {
        if (why.code() == ErrorCode.UNIQUE_VIOLATION) {
          throw new SimulationFailure(number + " was added once, but is said to be there already");
        }
        refused.put(number, why.message());
      }
      case Outcome.Unknown unknown -> {}
    }
  }

  private void checkScan(Session session) {
    var expected = new TreeSet<>(added);
    var impossible = new TreeMap<>(refused);
    Timestamp snapshot = session.snapshot();
    Scan.Found found = session.scan(snapshot, TABLE);
    expected.removeAll(found.rows().keySet());
    impossible.keySet().retainAll(found.rows().keySet());
    if (!expected.isEmpty() || !impossible.isEmpty() || !found.twice().isEmpty()) {
      throw new SimulationFailure(
          "at %s acknowledged numbers are missing: %s; refused ones are there: %s; twice: %s"
              .formatted(snapshot, expected, impossible, found.twice()));
    }
  }

  @Override
  public void check(Session session) {
    checkScan(session);
  }
}
