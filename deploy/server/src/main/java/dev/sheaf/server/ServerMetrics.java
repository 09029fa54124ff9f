package dev.sheaf.server;

import dev.sheaf.columnar.segment.BlockCache;
import dev.sheaf.columnar.segment.ReadAhead;
import dev.sheaf.compute.spill.SpillSpace;
import dev.sheaf.compute.storage.ReadTimes;
import dev.sheaf.log.NodeStanding;
import dev.sheaf.objectstore.cache.DiskCache;
import dev.sheaf.objectstore.s3.S3ObjectStore;
import dev.sheaf.pageserver.serve.PageServer;
import dev.sheaf.pageserver.serve.ShardStatus;
import dev.sheaf.safekeeper.serve.Safekeeper;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.smallrye.faulttolerance.api.CircuitBreakerState;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What {@code /q/metrics} tells beside the JVM's own figures. Thread-safe. */
final class ServerMetrics {
  private final MeterRegistry registry;
  private final Timer appends;
  private final Counter appendedBytes;
  private final Timer commits;
  private final Timer kept;
  private final Counter keptBytes;
  private final Timer fsyncs;
  private final DistributionSummary groups;
  private final Timer statements;

  /** As many as there were page servers. */
  private final Map<String, AtomicInteger> breakers = new ConcurrentHashMap<>();

  ServerMetrics(MeterRegistry registry) {
    this.registry = registry;
    this.appends =
        Timer.builder("sheaf.log.append")
            .description("From proposing a record to a majority having it on disk")
            .publishPercentileHistogram()
            .register(registry);
    this.appendedBytes = Counter.builder("sheaf.log.appended").baseUnit("bytes").register(registry);
    this.commits =
        Timer.builder("sheaf.commit")
            .description("Commits as the shard's owner sees them")
            .publishPercentileHistogram()
            .register(registry);
    this.kept =
        Timer.builder("sheaf.safekeeper.append")
            .description("From the arrival of records to having them on this safekeeper's disk")
            .publishPercentileHistogram()
            .register(registry);
    this.keptBytes =
        Counter.builder("sheaf.safekeeper.appended").baseUnit("bytes").register(registry);
    this.fsyncs =
        Timer.builder("sheaf.journal.fsync")
            .description("One fsync of a safekeeper's journal")
            .publishPercentileHistogram()
            .register(registry);
    this.groups =
        DistributionSummary.builder("sheaf.journal.group")
            .description("Bytes of all logs that share one fsync")
            .baseUnit("bytes")
            .register(registry);
    this.statements =
        Timer.builder("sheaf.statement")
            .description("Statements until their count or their first rows are there")
            .publishPercentileHistogram()
            .register(registry);
  }

  void appended(long bytes, long nanos) {
    appends.record(nanos, TimeUnit.NANOSECONDS);
    appendedBytes.increment(bytes);
  }

  void committed(long nanos) {
    commits.record(nanos, TimeUnit.NANOSECONDS);
  }

  /**
   * @param sqlState of the refusal: few values, so few series
   */
  void commitFailed(String sqlState) {
    Counter.builder("sheaf.commit.failures")
        .tag("sqlstate", sqlState)
        .register(registry)
        .increment();
  }

  /** A safekeeper has answered an append. */
  void kept(long bytes, long nanos, @Nullable Throwable error) {
    if (error == null) {
      kept.record(nanos, TimeUnit.NANOSECONDS);
      keptBytes.increment(bytes);
    } else {
      registry.counter("sheaf.safekeeper.refusals").increment();
    }
  }

  /** A journal has been fsynced, with so many bytes of all its logs. */
  void forced(long bytes, long nanos) {
    fsyncs.record(nanos, TimeUnit.NANOSECONDS);
    groups.record(bytes);
  }

  void statement(long nanos) {
    statements.record(nanos, TimeUnit.NANOSECONDS);
  }

  void statementFailed(String sqlState) {
    registry.counter("sheaf.statement.failures", "sqlstate", sqlState).increment();
  }

  /**
   * @param kind of call: few values
   */
  void objectCall(String kind, long nanos) {
    registry.timer("sheaf.objects", "call", kind).record(nanos, TimeUnit.NANOSECONDS);
  }

  void objectCallFailed(String kind, String sqlState) {
    registry.counter("sheaf.objects.failures", "call", kind, "sqlstate", sqlState).increment();
  }

  /** Requests to the store: a call of ours may need several. */
  void watch(S3ObjectStore objects) {
    FunctionCounter.builder("sheaf.s3.requests", objects, s3 -> s3.counts().attempts())
        .description("Sent, repetitions included")
        .register(registry);
    FunctionCounter.builder("sheaf.s3.retries", objects, s3 -> s3.counts().retries())
        .register(registry);
    FunctionCounter.builder("sheaf.s3.failures", objects, s3 -> s3.counts().failures())
        .description("Calls given up because the store did not work")
        .register(registry);
  }

  void watch(PageServer server) {
    new StoreMetrics(registry).watch(server);
    gaugeBytes("sheaf.memtables.used", server::memtableBytes);
    gauge("sheaf.shards", "Shards open here", () -> server.present().size());
    var logs = new Recent<>(() -> LogTotals.of(server.statuses()), System::nanoTime);
    gaugeBytes("sheaf.log.unflushed", () -> logs.get().unflushedBytes());
    gaugeBytes("sheaf.log.unflushed.max", () -> logs.get().mostUnflushedBytes());
    gaugeBytes("sheaf.log.lag.max", () -> logs.get().lagBytes());
    FunctionCounter.builder("sheaf.shard.requests", server, PageServer::requests)
        .register(registry);
  }

  /**
   * Of all logs of a page server.
   *
   * @param lagBytes how far the slowest safekeeper is behind what is committed
   */
  private record LogTotals(long unflushedBytes, long mostUnflushedBytes, long lagBytes) {
    static LogTotals of(List<ShardStatus> shards) {
      long unflushed = 0;
      long most = 0;
      long lag = 0;
      for (ShardStatus shard : shards) {
        unflushed += shard.unflushedBytes();
        most = Math.max(most, shard.unflushedBytes());
        for (NodeStanding copy : shard.safekeepers()) {
          lag = Math.max(lag, shard.committed().value() - copy.flush().value());
        }
      }
      return new LogTotals(unflushed, most, lag);
    }
  }

  void watch(ComputeRole compute) {
    FunctionCounter.builder("sheaf.transactions.rolledback", compute, ComputeRole::rolledBack)
        .description("Explicit transactions that ended without a commit being tried")
        .register(registry);
    FunctionTimer.builder(
            "sheaf.storage.read",
            compute.reads(),
            ReadTimes::reads,
            ReadTimes::nanos,
            TimeUnit.NANOSECONDS)
        .description("Lookups and scans of statements, in storage")
        .register(registry);
    gaugeBytes("sheaf.query.spill.used", compute.spill()::usedBytes);
    FunctionCounter.builder("sheaf.query.spill.written", compute.spill(), SpillSpace::writtenBytes)
        .description("Rows of queries that did not fit into their memory, put on disk")
        .baseUnit("bytes")
        .register(registry);
  }

  /**
   * @param node one of the few safekeepers of this process
   */
  void watch(String node, Safekeeper safekeeper) {
    Gauge.builder("sheaf.safekeeper.logs", safekeeper, s -> s.states().size())
        .tag("safekeeper", node)
        .strongReference(true)
        .register(registry);
    Gauge.builder("sheaf.journal.live", safekeeper, ServerMetrics::liveBytes)
        .description("Records that no manifest covers yet")
        .baseUnit("bytes")
        .tag("safekeeper", node)
        .strongReference(true)
        .register(registry);
  }

  private static long liveBytes(Safekeeper safekeeper) {
    return safekeeper.states().values().stream()
        .mapToLong(log -> log.end().value() - log.start().value())
        .sum();
  }

  /** The state of a target's circuit breaker, as a number. */
  void breaker(String target, CircuitBreakerState state) {
    breakers.computeIfAbsent(target, this::newBreaker).set(state.ordinal());
  }

  private AtomicInteger newBreaker(String target) {
    var state = new AtomicInteger();
    Gauge.builder("sheaf.breaker.state", state, AtomicInteger::get)
        .description("0 closed: calls go through; 1 open: refused; 2 half open: a few try")
        .tag("target", target)
        .strongReference(true)
        .register(registry);
    return state;
  }

  void watch(BlockCache cache) {
    Gauge.builder("sheaf.block.cache.used", cache, c -> c.stats().usedBytes())
        .baseUnit("bytes")
        .strongReference(true)
        .register(registry);
    Gauge.builder("sheaf.block.cache.capacity", cache, BlockCache::capacityBytes)
        .baseUnit("bytes")
        .strongReference(true)
        .register(registry);
    FunctionCounter.builder("sheaf.block.cache.hits", cache, c -> c.stats().hits())
        .register(registry);
    FunctionCounter.builder("sheaf.block.cache.misses", cache, c -> c.stats().misses())
        .register(registry);
    FunctionCounter.builder("sheaf.block.cache.shared", cache, c -> c.stats().shared())
        .description("Misses that waited for a read under way instead of reading themselves")
        .register(registry);
    FunctionCounter.builder("sheaf.block.cache.evictions", cache, c -> c.stats().evictions())
        .register(registry);
  }

  void watch(ReadAhead readAhead) {
    FunctionCounter.builder("sheaf.read.ahead", readAhead, r -> r.stats().startedBytes())
        .description("Read before anybody waited for it")
        .baseUnit("bytes")
        .register(registry);
    FunctionCounter.builder("sheaf.read.ahead.refused", readAhead, r -> r.stats().refusedBytes())
        .description("Not read ahead, because too much was under way")
        .baseUnit("bytes")
        .register(registry);
  }

  void watch(DiskCache disk) {
    gaugeBytes("sheaf.disk.cache.used", () -> disk.stats().usedBytes());
    gaugeBytes("sheaf.disk.cache.capacity", disk::capacityBytes);
    gauge("sheaf.disk.cache.on", "0 after a write has failed", () -> disk.stats().on() ? 1 : 0);
    FunctionCounter.builder("sheaf.disk.cache.hits", disk, d -> d.stats().hits())
        .register(registry);
    FunctionCounter.builder("sheaf.disk.cache.misses", disk, d -> d.stats().misses())
        .register(registry);
    FunctionCounter.builder("sheaf.disk.cache.damaged", disk, d -> d.stats().damaged())
        .description("Files that were not what had been written; the store was asked instead")
        .register(registry);
    FunctionCounter.builder("sheaf.disk.cache.read", disk, d -> d.stats().hitBytes())
        .baseUnit("bytes")
        .register(registry);
    FunctionCounter.builder("sheaf.disk.cache.written", disk, d -> d.stats().writtenBytes())
        .baseUnit("bytes")
        .register(registry);
    FunctionCounter.builder("sheaf.disk.cache.skipped", disk, d -> d.stats().skippedBytes())
        .description("Not kept: the disk was too slow or too full")
        .baseUnit("bytes")
        .register(registry);
  }

  void gauge(String name, String description, IntSupplier value) {
    Gauge.builder(name, value, IntSupplier::getAsInt)
        .description(description)
        .strongReference(true)
        .register(registry);
  }

  void gaugeBytes(String name, LongSupplier value) {
    Gauge.builder(name, value, LongSupplier::getAsLong)
        .baseUnit("bytes")
        .strongReference(true)
        .register(registry);
  }
}
