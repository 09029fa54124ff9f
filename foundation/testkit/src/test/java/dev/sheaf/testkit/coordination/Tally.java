package dev.sheaf.testkit.coordination;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.coordination.Coordination.Condition;
import dev.sheaf.coordination.Coordination.Entry;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/**
 * Workers that raise one counter by compare-and-swap, each commit leaving a mark of its own, and a
 * record of what they were told. Whatever happened in between, the marks, the counter and the
 * answers have to agree.
 */
final class Tally implements AutoCloseable {
  private final Coordination facts;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Future<?>> workers = new ArrayList<>();
  private final Set<String> done = ConcurrentHashMap.newKeySet();
  private final Set<String> notDone = ConcurrentHashMap.newKeySet();
  private final Set<String> unknown = ConcurrentHashMap.newKeySet();
  private final Set<SheafException> failures = ConcurrentHashMap.newKeySet();
  private volatile boolean stopped;

  Tally(Coordination facts, int workerCount) {
    this.facts = facts;
    for (int worker = 0; worker < workerCount; worker++) {
      String name = "w" + worker;
      workers.add(threads.submit(() -> work(name)));
    }
  }

  private void work(String name) {
    for (int i = 0; !stopped; i++) {
      raise("mark/" + name + "-" + i);
    }
  }

  private void raise(String mark) {
    try {
      Optional<Entry> counter = facts.get("counter");
      long value = counter.map(e -> Long.parseLong(e.value())).orElse(0L);
      boolean raised =
          facts.commit(
              List.of(new Condition("counter", counter.map(Entry::modRevision).orElse(0L))),
              List.of(Change.put("counter", Long.toString(value + 1)), Change.put(mark, "1")));
      (raised ? done : notDone).add(mark);
    } catch (SheafException e) {
      failures.add(e);
      (e.code() == ErrorCode.STATEMENT_COMPLETION_UNKNOWN ? unknown : notDone).add(mark);
    }
  }

  /** Waits until that many more commits have been acknowledged. */
  void awaitMore(int commits) throws InterruptedException {
    int enough = done.size() + commits;
    while (done.size() < enough) {
      if (workers.stream().allMatch(Future::isDone)) {
        throw new IllegalStateException("the workers have ended: " + failures);
      }
      Thread.sleep(10);
    }
  }

  /** What the workers were told beside yes and no. */
  Set<SheafException> failures() {
    return failures;
  }

  /** Ends the workers and compares what they were told with what is there. */
  void stopAndCheck(Coordination truth) throws Exception {
    stopped = true;
    for (Future<?> worker : workers) {
      worker.get();
    }
    Set<String> marks = truth.list("mark/").stream().map(Entry::key).collect(Collectors.toSet());
    assertThat(marks).containsAll(done).doesNotContainAnyElementsOf(notDone);
    marks.removeAll(done);
    assertThat(unknown).containsAll(marks);
    assertThat(truth.get("counter").orElseThrow().value())
        .isEqualTo(Integer.toString(done.size() + marks.size()));
  }

  @Override
  public void close() {
    stopped = true;
    threads.close();
  }
}
