package dev.sheaf.pageserver.assign;

import dev.sheaf.coordination.Coordination.Condition;
import dev.sheaf.pageserver.serve.PageServer;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.ErrorKind;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.cluster.CoalescedTask;
import dev.sheaf.rpc.cluster.NodeRegistration;
import dev.sheaf.rpc.cluster.NodeRegistry;
import dev.sheaf.rpc.cluster.NodeRole;
import dev.sheaf.rpc.cluster.NodeState;
import dev.sheaf.rpc.cluster.ShardFacts;
import dev.sheaf.rpc.cluster.ShardKeys;
import dev.sheaf.rpc.cluster.ShardMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/**
 * Keeps the page server's shards as they are assigned: opens, hands over and removes them in the
 * background, one step at a time for each shard. Every change of an assignment or a holder is
 * looked at when it becomes known; a step that failed is tried again when something has changed, or
 * after a pause. Thread-safe.
 */
public final class ShardAgent implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ShardAgent.class.getName());
  private static final long PERIOD_MILLIS = 1_000;
  private static final long REPORT_NANOS = 5_000_000_000L;
  private static final long FIRST_PAUSE_MILLIS = 100;
  private static final long LONGEST_PAUSE_MILLIS = 2_000;

  private final PageServer server;
  private final ShardRemoval removal;
  private final ShardMap shards;
  private final NodeRegistry nodes;
  private final NodeRegistration self;
  private final Limits limits;
  private final Executor blocking;
  private final ScheduledExecutorService timer;
  private final LongSupplier nanoClock;

  private final CoalescedTask looking;
  private final ScheduledFuture<?> upkeep;
  private final Semaphore opens;
  private final Semaphore handOvers;
  private final Set<ShardId> busy = ConcurrentHashMap.newKeySet();
  private final Map<ShardId, Failed> failed = new ConcurrentHashMap<>();
  private final CompletableFuture<Void> drained = new CompletableFuture<>();

  /** Of the last report; by the one who looks. */
  private long reportedRequests;

  private long reportedNanos;

  /**
   * @param opensAtOnce shards opened at a time
   * @param handOversAtOnce shards flushed and closed at a time
   * @param openMillis for one attempt, a long replay included
   * @param flushMillis for the flush ahead of a handover, while requests are still answered
   * @param closeMillis for the end of a handover, while they are not
   */
  public record Limits(
      int opensAtOnce, int handOversAtOnce, long openMillis, long flushMillis, long closeMillis) {
    public static final Limits DEFAULT = new Limits(8, 8, 120_000, 5_000, 3_000);

    long handOverMillis() {
      return flushMillis + closeMillis;
    }
  }

  /** What others say of a shard: when it changes, what failed before may succeed. */
  private record Situation(long assignedRevision, Optional<String> otherHolder, boolean doomed) {}

  private record Failed(Situation situation, long pauseMillis, long notBeforeNanos) {}

  private enum Step {
    NONE,
    OPEN,
    HAND_OVER,
    RELEASE_LEFTOVER,
    REMOVE
  }

  /**
   * Begins at once.
   *
   * @param server with {@link WatchedAssignments} over the same map
   * @param blocking runs the steps, each on a thread of its own
   */
  public ShardAgent(
      PageServer server,
      ShardRemoval removal,
      ShardMap shards,
      NodeRegistry nodes,
      NodeRegistration self,
      Limits limits,
      Executor blocking,
      ScheduledExecutorService timer,
      LongSupplier nanoClock) {
    this.server = server;
    this.removal = removal;
    this.shards = shards;
    this.nodes = nodes;
    this.self = self;
    this.limits = limits;
    this.blocking = blocking;
    this.timer = timer;
    this.nanoClock = nanoClock;
    this.opens = new Semaphore(limits.opensAtOnce(), true);
    this.handOvers = new Semaphore(limits.handOversAtOnce(), true);
    this.reportedNanos = nanoClock.getAsLong();
    this.looking = new CoalescedTask("the look at the assignments", this::look, blocking);
    shards.onChange(looking::nudge);
    self.onChange(this::lookAnew);
    this.upkeep =
        timer.scheduleWithFixedDelay(looking::nudge, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void lookAnew() {
    failed.clear();
    looking.nudge();
  }

  private void look() {
    long now = nanoClock.getAsLong();
    Set<ShardId> present = Set.copyOf(server.present());
    var concerned = new TreeSet<>(present);
    String me = self.self().name();
    for (ShardFacts facts : shards.all()) {
      if (facts.owner().isPresent() && (isAssigned(facts) || facts.isHeldBy(me))) {
        concerned.add(facts.shard());
      }
    }
    failed.keySet().retainAll(concerned);
    boolean anyAssigned = false;
    for (ShardId shard : concerned) {
      ShardFacts facts = shards.get(shard);
      anyAssigned |= isAssigned(facts);
      Step step = stepFor(facts, present.contains(shard));
      if (step != Step.NONE && isDue(facts, now) && busy.add(shard)) {
        start(step, facts);
      }
    }
    if (self.self().state() == NodeState.DRAINING
        && !anyAssigned
        && concerned.isEmpty()
        && busy.isEmpty()) {
      drained.complete(null);
    }
    report(now);
  }

  private boolean isAssigned(ShardFacts facts) {
    return facts.assigned().filter(self.self().name()::equals).isPresent();
  }

  private Step stepFor(ShardFacts facts, boolean present) {
    if (isAssigned(facts)) {
      if (facts.doomed()) {
        return Step.REMOVE;
      }
      return server.isServing(facts.shard()) ? Step.NONE : Step.OPEN;
    }
    if (present) {
      return Step.HAND_OVER;
    }
    return facts.isHeldBy(self.self().name()) ? Step.RELEASE_LEFTOVER : Step.NONE;
  }

  private boolean isDue(ShardFacts facts, long now) {
    Failed last = failed.get(facts.shard());
    return last == null
        || !last.situation().equals(situation(facts))
        || now - last.notBeforeNanos() >= 0;
  }

  private Situation situation(ShardFacts facts) {
    String me = self.self().name();
    return new Situation(
        facts.assignedRevision(),
        facts.holder().map(ShardFacts.Holder::node).filter(node -> !node.equals(me)),
        facts.doomed());
  }

  private void start(Step step, ShardFacts facts) {
    try {
      blocking.execute(() -> run(step, facts));
    } catch (RejectedExecutionException e) {
      busy.remove(facts.shard());
    }
  }

  private void run(Step step, ShardFacts facts) {
    ShardId shard = facts.shard();
    try {
      take(step, facts);
      failed.remove(shard);
    } catch (RuntimeException | Error e) {
      failed(step, facts, e);
    } finally {
      busy.remove(shard);
      looking.nudge();
    }
  }

  private void take(Step step, ShardFacts facts) {
    ShardId shard = facts.shard();
    switch (step) {
      case NONE -> {
        // Nothing is due.
      }
      case OPEN ->
          inTurn(opens, limits.openMillis(), () -> server.open(shard, within(limits.openMillis())));
      case HAND_OVER -> inTurn(handOvers, limits.handOverMillis(), () -> handOver(facts));
      case RELEASE_LEFTOVER -> server.releaseLeftover(shard);
      case REMOVE -> {
        server.discard(shard);
        var assigned = new Condition(ShardKeys.assigned(shard), facts.assignedRevision());
        removal.remove(shard, List.of(assigned), within(limits.openMillis()));
        LOG.log(System.Logger.Level.INFO, "shard {0} is deleted", shard);
      }
    }
  }

  /**
   * Takes a step once a slot is free; 57P03 when none becomes free for as long as one step may
   * take. The step's own time begins with the step, however long the queue was.
   */
  private static void inTurn(Semaphore slots, long millis, Runnable step) {
    try {
      if (!slots.tryAcquire(millis, TimeUnit.MILLISECONDS)) {
        throw new SheafException(
            ErrorCode.CANNOT_CONNECT_NOW, "the steps of other shards took all the time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SheafException(ErrorCode.ADMIN_SHUTDOWN, "interrupted while waiting its turn", e);
    }
    try {
      step.run();
    } finally {
      slots.release();
    }
  }

  private void handOver(ShardFacts facts) {
    LOG.log(
        System.Logger.Level.INFO,
        "handing shard {0} over to {1}",
        facts.shard(),
        facts.assigned().orElse("nobody"));
    server.handOver(facts.shard(), limits.flushMillis(), within(limits.handOverMillis()));
  }

  private Deadline within(long millis) {
    return Deadline.after(nanoClock.getAsLong(), millis);
  }

  private void failed(Step step, ShardFacts facts, Throwable error) {
    Failed before = failed.get(facts.shard());
    Situation situation = situation(facts);
    boolean same = before != null && before.situation().equals(situation);
    long pause =
        before != null && same
            ? Math.min(before.pauseMillis() * 2, LONGEST_PAUSE_MILLIS)
            : FIRST_PAUSE_MILLIS;
    long notBefore = nanoClock.getAsLong() + pause * 1_000_000L;
    failed.put(facts.shard(), new Failed(situation, pause, notBefore));
    try {
      var unused = timer.schedule(looking::nudge, pause, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      return; // the process ends
    }
    if (error instanceof SheafException known && known.code().kind() != ErrorKind.INTERNAL) {
      LOG.log(
          same ? System.Logger.Level.DEBUG : System.Logger.Level.INFO,
          "shard {0}: {1} is tried again: {2}",
          facts.shard(),
          step,
          known.message());
    } else {
      LOG.log(System.Logger.Level.ERROR, "shard " + facts.shard() + ": " + step + " failed", error);
    }
  }

  private void report(long now) {
    long elapsed = now - reportedNanos;
    if (elapsed >= REPORT_NANOS) {
      long requests = server.requests();
      self.report((requests - reportedRequests) * 1_000_000_000L / elapsed);
      reportedRequests = requests;
      reportedNanos = now;
    }
  }

  /**
   * Completes once this node was asked to drain and has no shard left. The process runs on, idle,
   * until somebody stops it.
   */
  public CompletableFuture<Void> drained() {
    return drained;
  }

  /**
   * Gives all shards to other page servers, before this one stops. Without another one there is
   * nothing to wait for: closing the page server then leaves everything for the next start.
   *
   * @return whether no shard is left
   */
  public boolean drain(Deadline deadline) {
    String me = self.self().name();
    boolean another =
        nodes.all().stream()
            .anyMatch(node -> !node.name().equals(me) && node.isUp(NodeRole.PAGESERVER));
    if (!another) {
      return server.present().isEmpty();
    }
    self.drain();
    looking.nudge();
    try {
      Void unused =
          drained.get(deadline.remainingNanos(nanoClock.getAsLong()), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      LOG.log(System.Logger.Level.WARNING, "shards are left that nobody took in time");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException("nothing fails the future", e);
    }
    return false;
  }

  /** Takes no further step. What is open stays open, for the page server to close. */
  @Override
  public void close() {
    upkeep.cancel(false);
    looking.close();
  }
}
