package dev.sheaf.pageserver.log;

import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The promises of appends that are not committed yet, in the order of their positions. Guarded by
 * the log's lock; what it gives back completes futures, in order, and is for afterwards.
 */
final class PendingAppends {
  private record Pending(Lsn end, long sinceNanos, CompletableFuture<Lsn> future) {}

  private final ArrayDeque<Pending> pending = new ArrayDeque<>();

  CompletableFuture<Lsn> add(Lsn end, long nowNanos) {
    CompletableFuture<Lsn> future = new CompletableFuture<>();
    pending.add(new Pending(end, nowNanos, future));
    return future;
  }

  Runnable committed(Lsn commit) {
    List<Pending> done = new ArrayList<>();
    while (!pending.isEmpty() && pending.peek().end.compareTo(commit) <= 0) {
      done.add(pending.poll());
    }
    return () -> done.forEach(each -> each.future.complete(each.end));
  }

  Runnable fail(SheafException error) {
    List<Pending> failed = List.copyOf(pending);
    pending.clear();
    return () -> failed.forEach(each -> each.future.completeExceptionally(error));
  }

  boolean isEmpty() {
    return pending.isEmpty();
  }

  /** Whether the oldest append has waited longer than that. */
  boolean waitsLongerThan(long timeoutNanos, long nowNanos) {
    return !pending.isEmpty() && nowNanos - pending.peek().sinceNanos > timeoutNanos;
  }
}
