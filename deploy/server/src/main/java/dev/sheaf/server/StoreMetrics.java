package dev.sheaf.server;

import dev.sheaf.pageserver.serve.PageServer;
import dev.sheaf.pageserver.serve.StoreState;
import dev.sheaf.pageserver.serve.StoreTotals;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** What a page server's store tells of itself: its size, and what keeping it costs. */
final class StoreMetrics {
  private final MeterRegistry registry;

  StoreMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  void watch(PageServer server) {
    StoreTotals totals = server.storeTotals();
    counter("sheaf.store.flushed", "bytes", totals, StoreTotals::flushedBytes);
    counter("sheaf.compactions", null, totals, StoreTotals::compactions);
    counter("sheaf.compaction.read", "bytes", totals, StoreTotals::compactionReadBytes);
    counter("sheaf.compaction.written", "bytes", totals, StoreTotals::compactionWrittenBytes);
    counter(
        "sheaf.compaction.pauses",
        "seconds",
        totals,
        t -> (double) t.pausedNanos() / TimeUnit.SECONDS.toNanos(1));
    counter("sheaf.sweep.deleted", null, totals, StoreTotals::sweptObjects);
    var state = new Recent<>(server::storeState, System::nanoTime);
    gauge("sheaf.store.segments", null, state, StoreState::segments);
    gauge("sheaf.store.used", "bytes", state, StoreState::bytes);
    gauge("sheaf.store.live", "bytes", state, StoreState::liveBytes);
    gauge("sheaf.store.table.segments.max", null, state, StoreState::mostSegments);
    gauge("sheaf.compaction.waiting", null, state, StoreState::waitingSegments);
    gauge("sheaf.sweep.waiting", null, state, StoreState::garbageObjects);
  }

  private void counter(
      String name, @Nullable String unit, StoreTotals totals, ToDoubleFunction<StoreTotals> value) {
    FunctionCounter.builder(name, totals, value).baseUnit(unit).register(registry);
  }

  private void gauge(
      String name,
      @Nullable String unit,
      Recent<StoreState> state,
      ToDoubleFunction<StoreState> value) {
    Gauge.builder(name, state, recent -> value.applyAsDouble(recent.get()))
        .baseUnit(unit)
        .strongReference(true)
        .register(registry);
  }
}
