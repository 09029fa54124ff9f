package dev.sheaf.system.sim;

import dev.sheaf.protocol.Timestamp;
import dev.sheaf.rpc.shard.ShardService.Write;
import dev.sheaf.testkit.sim.SimulationFailure;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Transfers between accounts: every snapshot, by keys or by a scan, has the same total, and a
 * snapshot once read reads the same for ever.
 */
final class Bank implements Workload {
  private static final int TABLE = 1000;
  private static final int ACCOUNTS = 6;
  private static final long EACH = 100;

  private final List<byte[]> keys =
      LongStream.range(0, ACCOUNTS).mapToObj(i -> Rows.key(TABLE, i)).toList();

  private record Picture(Timestamp snapshot, long[] balances) {}

  private @Nullable Picture earlier;

  @Override
  public List<Write> initial() {
    return LongStream.range(0, ACCOUNTS).mapToObj(i -> Rows.insert(TABLE, i, EACH)).toList();
  }

  @Override
  public void step(Session session, Random random) {
    switch (random.nextInt(6)) {
      case 0 -> audit(session);
      case 1 -> scan(session);
      default -> transfer(session, random);
    }
  }

  private void transfer(Session session, Random random) {
    int from = random.nextInt(ACCOUNTS);
    int to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
    Timestamp snapshot = session.snapshot();
    List<byte[]> rows = session.get(snapshot, List.of(keys.get(from), keys.get(to)));
    long amount = random.nextLong(1, 6);
    session.commit(
        snapshot,
        List.of(
            Rows.put(TABLE, from, Rows.number(rows.get(0)) - amount),
            Rows.put(TABLE, to, Rows.number(rows.get(1)) + amount)));
  }

  private void audit(Session session) {
    Picture before = earlier;
    if (before != null) {
      long[] again = balances(session, before.snapshot);
      if (!Arrays.equals(again, before.balances)) {
        throw new SimulationFailure(
            "snapshot %s read %s once and %s later"
                .formatted(
                    before.snapshot, Arrays.toString(before.balances), Arrays.toString(again)));
      }
      earlier = null;
      return;
    }
    Timestamp snapshot = session.snapshot();
    long[] balances = balances(session, snapshot);
    checkTotal(snapshot, balances);
    earlier = new Picture(snapshot, balances);
  }

  private long[] balances(Session session, Timestamp snapshot) {
    return session.get(snapshot, keys).stream().mapToLong(Rows::number).toArray();
  }

  private void scan(Session session) {
    Timestamp snapshot = session.snapshot();
    Scan.Found found = session.scan(snapshot, TABLE);
    if (!found.twice().isEmpty() || found.rows().size() != ACCOUNTS) {
      throw new SimulationFailure(
          "a scan at %s found accounts %s, of them twice %s"
              .formatted(snapshot, found.rows().keySet(), found.twice()));
    }
    var balances = new ArrayList<>(found.rows().values());
    checkTotal(snapshot, balances.stream().mapToLong(Long::longValue).toArray());
    // A scan and a read by keys must agree, whatever was flushed in between.
    long[] byKey = balances(session, snapshot);
    if (!Arrays.equals(byKey, balances.stream().mapToLong(Long::longValue).toArray())) {
      throw new SimulationFailure(
          "snapshot %s scanned %s and read %s"
              .formatted(snapshot, balances, Arrays.toString(byKey)));
    }
  }

  private static void checkTotal(Timestamp snapshot, long[] balances) {
    if (LongStream.of(balances).sum() != ACCOUNTS * EACH) {
      throw new SimulationFailure(
          "at %s the accounts held %s".formatted(snapshot, Arrays.toString(balances)));
    }
  }

  @Override
  public void check(Session session) {
    scan(session);
  }
}
