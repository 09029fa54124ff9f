package dev.sheaf.systemtests;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The clients of a load, a platform thread each: Arrow's client waits in a loop, which would hold a
 * carrier. Unlike an executor's, their end has a deadline, and a client that misses it is named
 * with where it waits: a hanging client fails the test at once instead of hiding the failure behind
 * the test's timeout.
 */
final class LoadThreads implements AutoCloseable {
  private record Client<T>(FutureTask<T> work, Thread thread) {}

  private static final int FRAMES_SHOWN = 12;

  private final List<Client<?>> clients = new ArrayList<>();

  <T> FutureTask<T> start(Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    clients.add(
        new Client<>(
            task, Thread.ofPlatform().daemon().name("client-" + clients.size()).start(task)));
    return task;
  }

  /** Waits for every client's end, and passes on the first failure of one. */
  void awaitEnd(Duration limit) throws Exception {
    long deadline = System.nanoTime() + limit.toNanos();
    for (Client<?> client : clients) {
      try {
        client.work().get(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
      } catch (ExecutionException failed) {
        throw new AssertionError(client.thread().getName() + ": " + failed.getCause(), failed);
      } catch (TimeoutException hanging) {
        throw new AssertionError("not ended within " + limit + ": " + whereabouts());
      }
    }
  }

  /** Where the clients that still run are, the innermost frames first. */
  String whereabouts() {
    return clients.stream()
        .filter(client -> !client.work().isDone())
        .map(client ->
            Stream.of(client.thread().getStackTrace())
                .limit(FRAMES_SHOWN)
                .map(StackTraceElement::toString)
                .collect(Collectors.joining(" < ", client.thread().getName() + " in ", "")))
        .collect(Collectors.joining("; "));
  }

  /** Interrupts who still runs, without waiting. */
  @Override
  public void close() {
    clients.forEach(client -> client.thread().interrupt());
  }
}
