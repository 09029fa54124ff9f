package dev.sheaf.testkit.sim;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where woven code comes when it would block, or ask for the time or for chance. On a simulated
 * thread these give control back to the event queue; on any other they do what they always do.
 */
public final class Blocking {
  private static final long POLL_NANOS = 1_000_000;

  private record Waiter(SimThread thread, long number) {
    void wake() {
      thread.wake(number);
    }
  }

  /** What one simulation's threads wait for. */
  static final class Locks {
    /** Who waits for a lock. Real locks are used; only the waiting is simulated. */
    private final IdentityHashMap<ReentrantLock, Deque<Waiter>> waiters = new IdentityHashMap<>();

    /** Monitors are woven as locks, one for each object. */
    private final IdentityHashMap<Object, ReentrantLock> monitors = new IdentityHashMap<>();
  }

  private Blocking() {}

  // ---- futures

  public static Object get(CompletableFuture<?> future, long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    SimThread thread = SimThread.current();
    if (thread == null) {
      return future.get(timeout, unit);
    }
    if (!awaitDone(thread, future, unit.toNanos(timeout))) {
      throw new TimeoutException();
    }
    return future.get();
  }

  public static Object get(CompletableFuture<?> future)
      throws InterruptedException, ExecutionException {
    SimThread thread = SimThread.current();
    if (thread != null) {
      boolean _ = awaitDone(thread, future, Long.MAX_VALUE);
    }
    return future.get();
  }

  public static Object join(CompletableFuture<?> future) {
    SimThread thread = SimThread.current();
    if (thread != null) {
      boolean _ = awaitDone(thread, future, Long.MAX_VALUE);
    }
    return future.join();
  }

  private static boolean awaitDone(SimThread thread, CompletableFuture<?> future, long nanos) {
    if (future.isDone()) {
      return true;
    }
    long wait = thread.beginWait();
    CompletableFuture<?> _ = future.whenComplete((value, error) -> thread.wake(wait));
    boolean _ = thread.await(nanos);
    return future.isDone();
  }

  // ---- locks

  public static void lock(ReentrantLock lock) {
    SimThread thread = SimThread.current();
    if (thread == null) {
      lock.lock();
      return;
    }
    thread.checkAlive();
    thread.maybeYield();
    while (!lock.tryLock()) {
      long wait = thread.beginWait();
      thread
          .simulation()
          .locks()
          .waiters
          .computeIfAbsent(lock, unknown -> new ArrayDeque<>())
          .addLast(new Waiter(thread, wait));
      boolean _ = thread.await(Long.MAX_VALUE);
    }
  }

  public static void unlock(ReentrantLock lock) {
    lock.unlock();
    SimThread thread = SimThread.current();
    if (thread != null && !lock.isLocked()) {
      Deque<Waiter> waiters = thread.simulation().locks().waiters.get(lock);
      while (waiters != null && !waiters.isEmpty()) {
        waiters.removeFirst().wake();
      }
    }
  }

  public static Condition newCondition(ReentrantLock lock) {
    return new SimCondition(lock);
  }

  private static final class SimCondition implements Condition {
    private final ReentrantLock lock;
    private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();

    SimCondition(ReentrantLock lock) {
      this.lock = lock;
    }

    /** Spurious wake-ups do not happen. Returns the nanoseconds left. */
    private long untilSignalled(long nanos) {
      SimThread thread = SimThread.current();
      if (thread == null) {
        throw new IllegalStateException("only simulated threads wait for a simulated condition");
      }
      long began = thread.simulation().nanos();
      long wait = thread.beginWait();
      waiters.addLast(new Waiter(thread, wait));
      Blocking.unlock(lock);
      try {
        boolean _ = thread.await(nanos);
      } finally {
        waiters.removeIf(each -> each.thread == thread && each.number == wait);
        if (thread.isDying()) {
          // The holder may be dying too, later; who unwinds must be able to unlock.
          lock.lock();
        } else {
          Blocking.lock(lock);
        }
      }
      return nanos - (thread.simulation().nanos() - began);
    }

    @Override
    public void await() {
      long _ = untilSignalled(Long.MAX_VALUE);
    }

    @Override
    public void awaitUninterruptibly() {
      long _ = untilSignalled(Long.MAX_VALUE);
    }

    @Override
    public long awaitNanos(long nanos) {
      return untilSignalled(nanos);
    }

    @Override
    public boolean await(long time, TimeUnit unit) {
      return untilSignalled(unit.toNanos(time)) > 0;
    }

    /**
     * Refused: a date is a wall clock's, and the code under simulation waits by the monotonic clock
     * alone. Who adds such a wait learns of it in the first run.
     */
    @Override
    public boolean awaitUntil(java.util.Date deadline) {
      throw new UnsupportedOperationException("a wait until a date");
    }

    @Override
    public void signal() {
      Waiter first = waiters.pollFirst();
      if (first != null) {
        first.wake();
      }
    }

    @Override
    public void signalAll() {
      while (!waiters.isEmpty()) {
        signal();
      }
    }
  }

  public static boolean tryAcquire(Semaphore semaphore, long timeout, TimeUnit unit)
      throws InterruptedException {
    SimThread thread = SimThread.current();
    if (thread == null) {
      return semaphore.tryAcquire(timeout, unit);
    }
    long until = thread.simulation().nanos() + unit.toNanos(timeout);
    while (!semaphore.tryAcquire()) {
      if (thread.simulation().nanos() >= until) {
        return false;
      }
      thread.sleep(POLL_NANOS);
    }
    return true;
  }

  // ---- monitors; only simulated threads may meet in one

  public static void monitorEnter(Object object) {
    SimThread thread = SimThread.current();
    if (thread != null) {
      lock(
          thread
              .simulation()
              .locks()
              .monitors
              .computeIfAbsent(object, unknown -> new ReentrantLock()));
    }
  }

  public static void monitorExit(Object object) {
    SimThread thread = SimThread.current();
    if (thread != null) {
      ReentrantLock monitor = thread.simulation().locks().monitors.get(object);
      if (monitor != null && monitor.isHeldByCurrentThread()) {
        unlock(monitor);
      }
    }
  }

  // ---- threads and time

  public static void sleep(long millis) throws InterruptedException {
    SimThread thread = SimThread.current();
    if (thread == null) {
      Thread.sleep(millis);
    } else {
      thread.sleep(TimeUnit.MILLISECONDS.toNanos(millis));
    }
  }

  public static void sleep(Duration duration) throws InterruptedException {
    sleep(duration.toMillis());
  }

  public static void start(Thread unstarted) {
    SimThread thread = SimThread.current();
    if (thread == null) {
      unstarted.start();
    } else {
      thread.machine().spawn(unstarted.getName(), unstarted);
    }
  }

  public static long nanoTime() {
    SimThread thread = SimThread.current();
    return thread == null ? System.nanoTime() : thread.machine().nanos();
  }

  public static long currentTimeMillis() {
    SimThread thread = SimThread.current();
    return thread == null ? System.currentTimeMillis() : thread.machine().wallMillis();
  }

  public static UUID randomUuid() {
    SimThread thread = SimThread.current();
    if (thread == null) {
      return UUID.randomUUID();
    }
    var random = thread.simulation().random();
    return new UUID(
        (random.nextLong() & ~0xF000L) | 0x4000L, (random.nextLong() >>> 2) | Long.MIN_VALUE);
  }

  // ---- what differs from one JVM to the next: the order of immutable sets and maps

  public static <K, V> Map<K, V> copyOf(Map<? extends K, ? extends V> map) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }

  public static <E> Set<E> copyOf(Collection<? extends E> elements) {
    return Collections.unmodifiableSet(new LinkedHashSet<>(elements));
  }

  // ---- words for the log go to the trace

  public static System.Logger logger(String name) {
    return new TraceLogger(name);
  }
}
