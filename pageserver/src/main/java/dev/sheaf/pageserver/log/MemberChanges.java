package dev.sheaf.pageserver.log;

import dev.sheaf.log.Configuration;
import dev.sheaf.log.NodeId;
import dev.sheaf.log.ProposerEffect;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.error.SheafException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What a change of one log's members needs beside the proposer: configurations are stored in
 * coordination, for as long as it takes, and whoever waits for the end is told. Thread-safe.
 */
final class MemberChanges {
  private static final Logger LOG = System.getLogger(MemberChanges.class.getName());

  private final ShardId shard;
  private final LogMembers members;
  private final long retryMillis;
  private final Executor executor;
  private final ScheduledExecutorService timer;
  private final Set<Waiting> waiting = ConcurrentHashMap.newKeySet();
  private volatile boolean over;

  /** Somebody waits until these nodes are the members. */
  private record Waiting(Set<NodeId> nodes, CompletableFuture<Void> done) {}

  /**
   * @param executor its threads may block
   */
  MemberChanges(
      ShardId shard,
      LogMembers members,
      long retryMillis,
      Executor executor,
      ScheduledExecutorService timer) {
    this.shard = shard;
    this.members = members;
    this.retryMillis = retryMillis;
    this.executor = executor;
    this.timer = timer;
  }

  /** Completes when these nodes have become the members. */
  CompletableFuture<Void> expect(List<NodeId> nodes) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    waiting.add(new Waiting(Set.copyOf(nodes), done));
    return done;
  }

  /** Waits no longer; true if nobody else does. */
  boolean giveUp(CompletableFuture<Void> done) {
    waiting.removeIf(each -> each.done == done);
    return waiting.isEmpty();
  }

  /**
   * Stores a configuration.
   *
   * @param stored told what is stored for certain, on a thread of the executor
   */
  void store(ProposerEffect.StoreConfiguration effect, Consumer<Configuration> stored) {
    executor.execute(() -> {
      Configuration now;
      try {
        now = members.replace(shard, effect.now(), effect.next());
      } catch (RuntimeException e) {
        LOG.log(Level.WARNING, "{0}: its members cannot be stored: {1}", shard, e.getMessage());
        if (!over) {
          timer.schedule(() -> store(effect, stored), retryMillis, TimeUnit.MILLISECONDS);
        }
        return;
      }
      LOG.log(Level.INFO, "{0}: the members of its log are {1}", shard, LogMembers.encode(now));
      stored.accept(now);
    });
  }

  void changed(Configuration configuration) {
    Set<NodeId> nodes = Set.copyOf(configuration.nodes());
    for (Waiting each : waiting) {
      if (each.nodes.equals(nodes) && waiting.remove(each)) {
        executor.execute(() -> each.done.complete(null));
      }
    }
  }

  /** The log is over, and with it what was asked for; a stored step is completed by the next. */
  void fail(SheafException why) {
    over = true;
    for (Waiting each : waiting) {
      if (waiting.remove(each)) {
        executor.execute(() -> each.done.completeExceptionally(why));
      }
    }
  }
}
