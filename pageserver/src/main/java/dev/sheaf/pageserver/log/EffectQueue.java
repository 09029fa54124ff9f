package dev.sheaf.pageserver.log;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Carries out effects one after the other, in the order in which they were added, on the thread
 * that finds nobody at it. Thread-safe.
 */
final class EffectQueue {
  private final Queue<Runnable> effects = new ConcurrentLinkedQueue<>();
  private final AtomicInteger calls = new AtomicInteger();

  /** Under the lock that gives effects their order. An effect must not throw. */
  void add(Runnable effect) {
    effects.add(effect);
  }

  /** Without locks: an effect may call back at once, which returns and leaves its effects here. */
  void carryOut() {
    if (calls.getAndIncrement() != 0) {
      return; // the thread that is at it will look again
    }
    int seen = 1;
    do {
      for (Runnable next = effects.poll(); next != null; next = effects.poll()) {
        next.run();
      }
      seen = calls.addAndGet(-seen);
    } while (seen != 0);
  }
}
