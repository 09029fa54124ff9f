package dev.sheaf.pageserver.serve;

import dev.sheaf.log.Configuration;
import dev.sheaf.log.NodeId;
import dev.sheaf.log.NodeStanding;
import dev.sheaf.pageserver.PageServerConfig;
import dev.sheaf.pageserver.bulk.BulkLoader;
import dev.sheaf.pageserver.compact.CompactionPlanner;
import dev.sheaf.pageserver.compact.CompactionRun;
import dev.sheaf.pageserver.flush.FlushJob;
import dev.sheaf.pageserver.flush.MemtableBudget;
import dev.sheaf.pageserver.grant.Grant;
import dev.sheaf.pageserver.grant.Grants;
import dev.sheaf.pageserver.log.ShardLog;
import dev.sheaf.pageserver.manifest.Manifest;
import dev.sheaf.pageserver.manifest.ManifestStore;
import dev.sheaf.pageserver.manifest.ShardObjects;
import dev.sheaf.pageserver.oracle.WindowedOracle;
import dev.sheaf.pageserver.shard.InFlight;
import dev.sheaf.pageserver.sweep.Garbage;
import dev.sheaf.pageserver.tree.RangeLookup;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.shard.ShardInspection.SweepPlan;
import dev.sheaf.rpc.shard.ShardService.BulkLoad;
import dev.sheaf.rpc.shard.ShardService.BulkRequest;
import dev.sheaf.rpc.shard.ShardService.TableSize;
import dev.sheaf.rpc.shard.ShardService.TransactionStatus;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A shard that this node owns: its parts, wired together. Thread-safe. */
final class OwnedShard {
  private static final System.Logger LOG = System.getLogger(OwnedShard.class.getName());

  private static final long FLUSH_POLL_MILLIS = 10;

  private final PageServerPorts ports;
  private final PageServerConfig config;
  private final Grants grants;
  private final Grant grant;
  private final ShardLog log;
  private final ShardState state;
  private final MemtableBudget.Account budget;
  private final PageServerShares shares;
  private final ShardFlusher flusher;
  private final CommitPipeline commits;
  private final ObjectNames names;
  private final ShardCompactor compactor;
  private final ShardSweeper sweeper;
  private final SweepPlanner sweepPlanner;
  private final ShardChecks checks;
  private final TransactionOutcomes outcomes;
  private final ShardReads reads;
  private final ShardBranches branches;
  private final ShardHotPages hotPages;
  private volatile boolean closing;

  OwnedShard(
      PageServerPorts ports,
      PageServerConfig config,
      Grants grants,
      Grant grant,
      ShardLog log,
      ManifestStore manifests,
      Manifest newest,
      ShardState state,
      WindowedOracle oracle,
      MemtableBudget.Account budget,
      PageServerShares shares) {
    this.ports = ports;
    this.config = config;
    this.grants = grants;
    this.grant = grant;
    this.log = log;
    this.state = state;
    this.budget = budget;
    this.shares = shares;
    var garbage = new Garbage();
    var views = new OpenViews();
    this.names = new ObjectNames(new ShardObjects(grant.shard()), grant.term());
    var publisher =
        new ShardPublisher(
            state,
            grant,
            grants,
            log,
            manifests,
            names,
            newest,
            garbage,
            shares.totals(),
            ports.nanoClock());
    var stored = new StoredObjects(publisher, grant, manifests, ports.objects(), names);
    this.sweeper =
        new ShardSweeper(
            state,
            publisher,
            grant,
            grants,
            stored,
            views,
            garbage,
            shares.totals(),
            ports,
            config.sweepGraceMillis());
    this.sweepPlanner =
        new SweepPlanner(
            state, publisher, stored, views, garbage, ports, config.sweepGraceMillis());
    this.compactor =
        new ShardCompactor(
            state,
            publisher,
            new CompactionPlanner(config.compaction()),
            new CompactionRun(
                ports.segments(), config.compaction(), names::segment, state::isStopped),
            names,
            ports.retention(),
            ports.segments()::open,
            shares.totals(),
            ports.nanoClock());
    this.flusher =
        new ShardFlusher(
            state,
            publisher,
            new FlushJob(ports.segments(), names::segment),
            budget,
            config.memtableBytes(),
            new IdleWatch(config.idleFlushMillis(), ports.nanoClock()),
            ports.background(),
            () -> shares.compactions().consider(compactor));
    this.commits =
        new CommitPipeline(
            state,
            log,
            oracle,
            budget,
            new CompactionPressure(compactor::debt, shares.totals(), ports.nanoClock()),
            ports.nanoClock(),
            config.commitBytes(),
            new CoarseDeadlines(ports.background(), ports.nanoClock()),
            flusher::flushIfFull);
    this.outcomes = new TransactionOutcomes(state, commits);
    this.reads =
        new ShardReads(state, grant, log, oracle, ports.retention(), views, ports.nanoClock());
    this.checks = new ShardChecks(reads, sweeper, state, log, ports.objects(), ports.nanoClock());
    this.branches = new ShardBranches(state, reads, flusher, ports.objects(), ports.nanoClock());
    this.hotPages = new ShardHotPages(state, grant, grants, ports, () -> closing);
    flusher.flushIfFull();
  }

  CommitPipeline commits() {
    return commits;
  }

  ShardReads reads() {
    return reads;
  }

  ShardHotPages hotPages() {
    return hotPages;
  }

  /** Tells that pages of it are about to be read for a request. */
  OwnedShard inUse() {
    hotPages.used();
    return this;
  }

  ShardBranches branches() {
    return branches;
  }

  /** Bytes in memtables that no flush has taken on yet. */
  long activeBytes() {
    return state.tree().active().sizeBytes();
  }

  void flushSoon() {
    flusher.flushSoon();
  }

  /** 57P03 while the shard is being closed: it must not be opened again before that is done. */
  void checkNotClosing() {
    if (closing && !state.isStopped()) {
      throw new SheafException(
              ErrorCode.CANNOT_CONNECT_NOW, "shard " + state.shard() + " is being closed")
          .withHint("Try again in a moment.");
    }
  }

  /** False once the shard must be opened again before it can be used. */
  boolean isServing() {
    return !state.isStopped() && grant.isHeld() && log.isLeader();
  }

  /** Why it does not serve any more, for people. */
  String whyClosed() {
    return state
        .stopReason()
        .orElse(grant.isHeld() ? "its log has another owner" : "this node's lease has ended");
  }

  ShardStatus status() {
    List<NodeStanding> safekeepers = log.standings();
    boolean serving = isServing();
    return new ShardStatus(
        state.shard(),
        grant.term(),
        serving,
        serving && log.configuration().isFollowed(safekeepers),
        log.startLsn(),
        log.commitLsn(),
        activeBytes(),
        safekeepers);
  }

  BulkLoad beginBulk(BulkRequest request, Deadline deadline) {
    long left = deadline.remainingNanos(ports.nanoClock().getAsLong());
    try {
      if (!shares.bulkSlots().tryAcquire(left, TimeUnit.NANOSECONDS)) {
        throw new SheafException(
                ErrorCode.CONFIGURATION_LIMIT_EXCEEDED,
                config.bulkLoads() + " bulk loads are running already")
            .withHint("Try again when one of them has ended.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SheafException(ErrorCode.QUERY_CANCELED, "interrupted while waiting to load", e);
    }
    try {
      var target = new BulkCommits(state, commits, names, shares, ports.nanoClock());
      return new BulkLoader(
          request,
          target,
          ports.segments(),
          config.bulkChunkBytes(),
          ports.background(),
          ports.nanoClock());
    } catch (RuntimeException e) {
      shares.bulkSlots().release();
      throw e;
    }
  }

  TransactionStatus status(TransactionId transaction, Deadline deadline) {
    TransactionStatus status = outcomes.status(transaction, deadline);
    grant.checkHeld();
    return status;
  }

  TableSize sizeOf(int tableId) {
    return RangeLookup.sizeOf(state.tree(), tableId);
  }

  Configuration members() {
    return log.configuration();
  }

  void changeMembers(List<NodeId> nodes, Deadline deadline) {
    log.changeMembers(nodes, deadline);
  }

  boolean retire(NodeId node) {
    return log.retire(node);
  }

  StoreState storeState() {
    return StoreState.of(state.tree(), compactor.debt(), sweeper.waiting());
  }

  /** What should be done now and then: idle memtables, compaction that failed, the sweep. */
  void maintain() {
    boolean rests = compactor.rest(flusher.flushIfIdle());
    if (rests || compactor.isDue()) {
      shares.compactions().consider(compactor);
    }
    List<String> unused = sweeper.sweep();
  }

  ShardChecks checks() {
    return checks;
  }

  SweepPlan planSweep() {
    return sweepPlanner.plan();
  }

  /** Compacts until nothing is left that pays. */
  void compact(Deadline deadline) {
    while (compactor.compactNext()) {
      deadline.check(ports.nanoClock().getAsLong());
    }
  }

  /** Flushes while the shard goes on, so that its end takes but a moment. */
  void flushAhead(Deadline deadline) {
    flusher.flushSoon();
    while (!state.isStopped()
        && !flusher.isDone()
        && !deadline.isExpired(ports.nanoClock().getAsLong())) {
      Waiting.pause(FLUSH_POLL_MILLIS);
    }
  }

  /**
   * Ends ownership: lets commits in flight finish, flushes, closes the log, gives the grant back.
   * Requests from now on get 57P03. What cannot be flushed stays in the log.
   *
   * @param commits until when commits in flight are waited for
   * @param flush until when the flush is
   */
  void close(Deadline commits, Deadline flush) {
    closing = true;
    // Requests that found the shard open a moment ago, and bulk loads, may still want to commit.
    state.drain();
    try {
      if (!state.isStopped()) {
        awaitCommits(commits);
        flushWithin(flush);
      }
    } catch (RuntimeException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "shard " + state.shard() + " is closed without a last flush; its log has the rest",
          e);
    } finally {
      abandon();
    }
  }

  /** A flush that takes longer finds the log closed, and ends without a manifest. */
  private void flushWithin(Deadline deadline) {
    Waiting.awaitDone(
        CompletableFuture.runAsync(flusher::flushAll, ports.background()),
        deadline,
        ports.nanoClock(),
        "the last flush");
  }

  /** No request is answered, and nothing is appended or published, from now on. */
  void halt() {
    boolean unused =
        state.stop(new SheafException(ErrorCode.ADMIN_SHUTDOWN, "the shard was closed"));
    budget.close();
    try {
      log.close();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "cannot close the log of " + state.shard(), e);
    }
  }

  /** Ends ownership at once, without a flush. */
  void abandon() {
    halt();
    giveBack();
  }

  /** Of a halted shard: lets another node have it before the lease ends. May wait for the store. */
  void giveBack() {
    try {
      // Without a lease there is nothing to give back, and perhaps nobody to give it back to.
      if (grant.isHeld()) {
        grants.release(grant);
      }
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "cannot give back shard " + state.shard() + " yet", e);
    }
  }

  private void awaitCommits(Deadline deadline) {
    while (true) {
      List<InFlight> open = state.serving(order -> order.inFlight());
      if (open.isEmpty()) {
        return;
      }
      Waiting.awaitEnd(open.getFirst().outcome(), deadline, ports.nanoClock(), "the last commits");
    }
  }
}
