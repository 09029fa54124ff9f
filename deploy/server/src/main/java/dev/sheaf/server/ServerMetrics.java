package dev.sheaf.server;

import dev.sheaf.columnar.segment.BlockCache;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/** What {@code /q/metrics} tells beside the JVM's own figures. Thread-safe. */
final class ServerMetrics {
  private final MeterRegistry registry;
  private final Timer appends;
  private final Counter appendedBytes;
  private final Timer commits;

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
    FunctionCounter.builder("sheaf.block.cache.evictions", cache, c -> c.stats().evictions())
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
