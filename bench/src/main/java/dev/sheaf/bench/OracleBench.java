package dev.sheaf.bench;

import dev.sheaf.coordination.embedded.EmbeddedCoordination;
import dev.sheaf.pageserver.grant.Grants;
import dev.sheaf.pageserver.oracle.WindowedOracle;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;

/**
 * How fast timestamps are issued: by the oracle in its own process, and by the owner of a shard of
 * a cluster to callers that go a compute's way; and for how long nobody issues any when the owner
 * is killed. Every caller checks that its timestamps ascend.
 */
final class OracleBench {
  private static final int[] CALLERS = {1, 8, 64};
  private static final long BEFORE_KILL_MILLIS = 3_000;
  private static final long AFTER_KILL_MILLIS = 10_000;
  private static final long LEASE_MILLIS = 10_000;

  private final int rounds;
  private final int seconds;
  private final int kills;
  private final PrintStream out;

  /**
   * @param rounds measurements of each setting
   * @param seconds of each measurement
   * @param kills of the owner
   */
  OracleBench(int rounds, int seconds, int kills, PrintStream out) {
    this.rounds = rounds;
    this.seconds = seconds;
    this.kills = kills;
    this.out = out;
  }

  private interface Source {
    Timestamp draw();
  }

  void run(SheafCluster cluster) throws Exception {
    out.printf("| way | callers | %s |%n|---|---|---|---|---|%n", Measured.columns());
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        var facts = EmbeddedCoordination.inMemory(System::nanoTime, threads);
        var grants = new Grants(facts, "bench", LEASE_MILLIS, System::nanoTime)) {
      var oracle =
          WindowedOracle.start(
              facts,
              grants.take(ShardId.root(new DatabaseId("bench"))),
              Timestamp.ZERO,
              System::currentTimeMillis,
              threads);
      measure("in process", oracle::draw);
    }
    try (var remote = new ClusterOracle(cluster)) {
      measure("through gRPC", remote::draw);
      failOver(cluster, remote);
    }
  }

  private void measure(String way, Source source) throws Exception {
    for (int callers : CALLERS) {
      var measured = new Measured();
      Histogram unused = draw(source, callers);
      for (int round = 0; round < rounds; round++) {
        long begun = System.nanoTime();
        Histogram latency = draw(source, callers);
        measured.add(latency, System.nanoTime() - begun);
      }
      out.printf("| %s | %d | %s |%n", way, callers, measured.cells());
    }
  }

  private Histogram draw(Source source, int callers) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    try (ExecutorService threads = Executors.newFixedThreadPool(callers)) {
      var tasks = new ArrayList<Callable<Histogram>>();
      for (int c = 0; c < callers; c++) {
        tasks.add(() -> draw(source, end));
      }
      var all = new Histogram(3);
      for (Future<Histogram> one : threads.invokeAll(tasks)) {
        all.add(one.get());
      }
      return all;
    }
  }

  private static Histogram draw(Source source, long end) {
    var latency = new Histogram(3);
    Timestamp last = Timestamp.ZERO;
    for (long now = System.nanoTime(); now < end; ) {
      last = drawAfter(last, source);
      long after = System.nanoTime();
      latency.recordValue(after - now);
      now = after;
    }
    return latency;
  }

  private static Timestamp drawAfter(Timestamp last, Source source) {
    Timestamp drawn = source.draw();
    if (!drawn.isAfter(last)) {
      throw new IllegalStateException("timestamp " + drawn + " after " + last);
    }
    return drawn;
  }

  /** Kills the owner again and again; the longest time without a timestamp after each. */
  private void failOver(SheafCluster cluster, ClusterOracle oracle) throws Exception {
    List<Double> gaps = new ArrayList<>();
    Timestamp last = Timestamp.ZERO;
    for (int kill = 0; kill < kills; kill++) {
      last = drawFor(BEFORE_KILL_MILLIS, last, oracle, new AtomicLong());
      String owner = oracle.owner();
      cluster.processes().kill(owner);
      var gap = new AtomicLong();
      last = drawFor(AFTER_KILL_MILLIS, last, oracle, gap);
      gaps.add(gap.get() / 1e6);
      cluster.processes().startNode(owner);
    }
    Sample sample = Sample.of(gaps.stream().mapToDouble(Double::doubleValue).toArray());
    out.printf(
        Locale.ROOT,
        "%nOwner killed %d times: nobody issued timestamps for %s ms (median, least and most).%n",
        kills,
        sample.spread());
  }

  private static Timestamp drawFor(
      long millis, Timestamp first, ClusterOracle oracle, AtomicLong longestNanos) {
    Timestamp last = first;
    long before = System.nanoTime();
    long end = before + TimeUnit.MILLISECONDS.toNanos(millis);
    while (before < end) {
      last = drawAfter(last, oracle::draw);
      long now = System.nanoTime();
      longestNanos.accumulateAndGet(now - before, Math::max);
      before = now;
    }
    return last;
  }
}
