package dev.sheaf.pageserver.log;

import dev.sheaf.log.Configuration;
import dev.sheaf.log.NodeId;
import dev.sheaf.log.NodeStanding;
import dev.sheaf.log.Proposer;
import dev.sheaf.log.ProposerEffect;
import dev.sheaf.log.Reply;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.ErrorKind;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.log.SafekeeperDirectory;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The proposer's shell over a quorum of safekeepers.
 *
 * <p>A lock guards the pure {@link Proposer}; each step's effects go to a queue in the order of the
 * steps, and whichever thread finds the queue idle carries them out, without the lock. So an append
 * is on its way to the safekeepers when {@link #append} returns, and appends that come while a
 * safekeeper's fsync runs travel together with its next request. Futures complete in order, as
 * effects too, which saves a change of threads for each commit.
 *
 * <p>Timers exist only while something is under way: an idle log costs nothing.
 */
final class QuorumShardLog implements ShardLog {
  private static final Logger LOG = System.getLogger(QuorumShardLog.class.getName());

  private final ShardId shard;
  private final LogMembers members;
  private final QuorumLogSettings settings;
  private final LongSupplier nanoTime;
  private final long candidate;
  private final ScheduledExecutorService timer;
  private final SafekeeperCalls calls;
  private final MemberChanges changes;

  private final EffectQueue effects = new EffectQueue();
  private final CompletableFuture<Void> opened = new CompletableFuture<>();

  private final ReentrantLock lock = new ReentrantLock();
  // Guarded by the lock:
  private final PendingAppends pending = new PendingAppends();
  private @Nullable Proposer proposer;
  private @Nullable Term term;

  /** Why this log takes no appends any more; null while it does, or may after opening. */
  private @Nullable SheafException over;

  /** What a safekeeper without room answered since the last commit. */
  private @Nullable SheafException noRoom;

  private boolean watching;

  QuorumShardLog(
      ShardId shard,
      LogMembers members,
      SafekeeperDirectory safekeepers,
      QuorumLogSettings settings,
      LongSupplier nanoTime,
      long candidate,
      Executor executor,
      ScheduledExecutorService timer) {
    this.shard = shard;
    this.members = members;
    this.settings = settings;
    this.nanoTime = nanoTime;
    this.candidate = candidate;
    this.timer = timer;
    this.calls = new SafekeeperCalls(shard, safekeepers, settings, nanoTime, timer, new Outcomes());
    this.changes = new MemberChanges(shard, members, settings.lastRetryMillis(), executor, timer);
  }

  @Override
  public void open(Term newTerm, Deadline deadline) {
    // After the term was granted: who leads in it must know of every change of members before.
    Configuration configuration = members.findOrCreate(shard, deadline);
    lock.lock();
    try {
      if (over != null) {
        throw over;
      }
      if (proposer == null) {
        term = newTerm;
        proposer = new Proposer(newTerm, candidate, configuration, settings.limits());
        enqueue(proposer.start());
      } else if (!newTerm.equals(term)) {
        throw new SheafException(
            ErrorCode.OBJECT_NOT_IN_PREREQUISITE_STATE,
            "the log of " + shard + " was opened for term " + term + ", not " + newTerm);
      }
    } finally {
      lock.unlock();
    }
    effects.carryOut();
    awaitOpened(newTerm, configuration, deadline);
  }

  private void awaitOpened(Term newTerm, Configuration configuration, Deadline deadline) {
    try {
      opened.get(deadline.remainingNanos(nanoTime.getAsLong()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new SheafException(
              ErrorCode.CANNOT_CONNECT_NOW,
              "no majority of the safekeepers %s answered for the log of %s in term %s"
                  .formatted(configuration.nodes(), shard, newTerm))
          .withHint("Check that they are up and can be reached, then try again.");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof SheafException error
          ? error
          : new SheafException(ErrorCode.INTERNAL_ERROR, "opening the log failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SheafException(ErrorCode.QUERY_CANCELED, "interrupted while opening the log");
    }
  }

  @Override
  public void replay(Lsn from, RecordConsumer consumer, Deadline deadline) {
    Proposer leader = leader();
    Lsn start = startLsn();
    if (from.isBefore(start)) {
      throw new SheafException(
          ErrorCode.DATA_CORRUPTED,
          "the log of %s begins at %s: records from %s on are needed but forgotten"
              .formatted(shard, start, from));
    }
    Function<Lsn, List<NodeId>> holders = position -> locked(() -> leader.holders(position));
    new LogReplay(termInUse(), calls, holders, nanoTime, settings.requestTimeoutMillis())
        .run(from, commitLsn(), consumer, deadline);
  }

  @Override
  public Proposed propose(byte[] payload) {
    lock.lock();
    try {
      if (over != null || proposer == null || !proposer.isLeader()) {
        throw unknown("this owner does not lead the log");
      }
      if (noRoom != null && !pending.isEmpty()) {
        throw noRoom;
      }
      long now = nanoTime.getAsLong();
      if (isCutOff(proposer, now)) {
        throw readOnly(proposer.configuration());
      }
      Proposer.Proposal proposal = proposer.propose(payload);
      enqueue(proposal.effects());
      return new Proposed(pending.add(proposal.end(), now), effects::carryOut);
    } catch (SheafException refused) {
      return new Proposed(CompletableFuture.failedFuture(refused), () -> {});
    } finally {
      lock.unlock();
    }
  }

  /** Only what is sent can be in doubt: so no more is, once it is plain that nobody confirms it. */
  private boolean isCutOff(Proposer leading, long now) {
    long patience = TimeUnit.MILLISECONDS.toNanos(settings.refusalMillis());
    return pending.waitsLongerThan(patience, now)
        && !leading.configuration().isFollowed(leading.standings());
  }

  private SheafException readOnly(Configuration configuration) {
    return new SheafException(
            ErrorCode.READ_ONLY_SQL_TRANSACTION,
            "shard %s cannot be written now: no majority of its safekeepers %s answers"
                .formatted(shard, configuration.nodes()))
        .withHint("Nothing was done. Check that the safekeepers are up, then try again.");
  }

  @Override
  public Lsn startLsn() {
    return locked(() -> leader().logStart());
  }

  @Override
  public Lsn endLsn() {
    return locked(() -> leader().end());
  }

  @Override
  public Lsn commitLsn() {
    return locked(() -> leader().commit());
  }

  @Override
  public void forgetBelow(Lsn published) {
    step(leading -> leading.forget(published));
  }

  @Override
  public void changeMembers(List<NodeId> nodes, Deadline deadline) {
    CompletableFuture<Void> done = changes.expect(nodes);
    lock.lock();
    try {
      if (over != null) {
        throw over;
      }
      enqueue(leader().changeMembers(nodes));
    } catch (SheafException e) {
      changes.giveUp(done);
      throw e;
    } finally {
      lock.unlock();
    }
    effects.carryOut();
    awaitMembers(nodes, done, deadline);
  }

  private void awaitMembers(List<NodeId> nodes, CompletableFuture<Void> done, Deadline deadline) {
    try {
      done.get(deadline.remainingNanos(nanoTime.getAsLong()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      if (changes.giveUp(done)) {
        step(Proposer::abandonChange);
      }
      throw new SheafException(
              ErrorCode.CANNOT_CONNECT_NOW,
              "the members of the log of %s are not %s yet: %s"
                  .formatted(shard, nodes, configuration()))
          .withHint("Check that these safekeepers are up, then ask for the same members again.");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof SheafException error
          ? error
          : new SheafException(ErrorCode.INTERNAL_ERROR, "changing members failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SheafException(ErrorCode.QUERY_CANCELED, "interrupted while members change");
    }
  }

  @Override
  public boolean retire(NodeId node) {
    boolean settled = locked(() -> over == null && proposer != null && proposer.isSettled());
    step(leading -> leading.retire(node));
    return settled;
  }

  @Override
  public Configuration configuration() {
    return locked(() -> leader().configuration());
  }

  @Override
  public List<NodeStanding> standings() {
    return locked(() -> leader().standings());
  }

  @Override
  public boolean isLeader() {
    return locked(() -> over == null && proposer != null && proposer.isLeader());
  }

  @Override
  public void close() {
    stop(unknown("the log was closed"));
    effects.carryOut();
  }

  // ---- steps of the proposer

  /** What the safekeepers answer, turned into steps. */
  private final class Outcomes implements SafekeeperCalls.Listener {
    @Override
    public void replied(NodeId from, Reply reply) {
      step(leading -> leading.received(from, reply));
    }

    @Override
    public void fetched(ProposerEffect.Fetch fetch, byte[] frames) {
      step(leading -> leading.fetched(fetch.reader(), fetch.begin(), frames));
    }

    @Override
    public void fetchFailed(ProposerEffect.Fetch fetch) {
      step(leading -> leading.fetchFailed(fetch.donor(), fetch.reader()));
    }

    @Override
    public void failed(NodeId node, Throwable error) {
      step(leading -> {
        if (error instanceof SheafException e
            && e.code().kind() == ErrorKind.RESOURCE
            && e.sqlState().startsWith("53")) {
          noRoom = e;
        }
        return leading.failed(node);
      });
    }

    @Override
    public void retry(NodeId node) {
      step(leading -> leading.retry(node));
    }
  }

  private void step(Function<Proposer, List<ProposerEffect>> step) {
    lock.lock();
    try {
      if (over == null && proposer != null) {
        enqueue(step.apply(proposer));
      }
    } catch (RuntimeException e) {
      // A defect: nothing may be acknowledged on a state that is not understood.
      LOG.log(Level.ERROR, "the log of " + shard + " fails", e);
      stop(new SheafException(ErrorCode.INTERNAL_ERROR, "the log of " + shard + " failed", e));
    } finally {
      lock.unlock();
    }
    effects.carryOut();
  }

  /** Under the lock, so that effects of successive steps keep their order. */
  private void enqueue(List<ProposerEffect> more) {
    more.forEach(effect -> effects.add(() -> carryOut(effect)));
  }

  private void carryOut(ProposerEffect effect) {
    switch (effect) {
      case ProposerEffect.Send send -> {
        watch();
        calls.send(send);
      }
      case ProposerEffect.Fetch fetch -> {
        watch();
        calls.fetch(termInUse(), fetch);
      }
      case ProposerEffect.RetryLater(NodeId node) -> calls.retryLater(node);
      case ProposerEffect.Committed(Lsn commit) -> committed(commit);
      case ProposerEffect.StoreConfiguration store ->
          changes.store(store, now -> step(leading -> leading.stored(now)));
      case ProposerEffect.MembersChanged(Configuration now) -> changes.changed(now);
      case ProposerEffect.Fenced(Term by) -> fenced(by);
    }
  }

  private void committed(Lsn commit) {
    Runnable completions;
    lock.lock();
    try {
      noRoom = null;
      completions = pending.committed(commit);
    } finally {
      lock.unlock();
    }
    completions.run();
    opened.complete(null);
  }

  private void fenced(Term by) {
    SheafException error =
        new SheafException(
            ErrorCode.SERIALIZATION_FAILURE,
            "the log of %s has a newer owner: term %s is fenced by term %s"
                .formatted(shard, termInUse(), by));
    LOG.log(Level.INFO, error.message());
    stop(error);
  }

  /** Whoever waits is told when effects are carried out next. */
  private void stop(SheafException why) {
    lock.lock();
    try {
      if (over == null) {
        over = why;
      }
      effects.add(pending.fail(unknown(why.message())));
      changes.fail(unknown(why.message()));
    } finally {
      lock.unlock();
    }
    opened.completeExceptionally(why);
  }

  // ---- timeouts

  private void watch() {
    boolean start = locked(() -> over == null && !watching && (watching = true));
    if (start) {
      scheduleWatch();
    }
  }

  private void scheduleWatch() {
    long period = Math.min(settings.requestTimeoutMillis(), settings.commitTimeoutMillis()) / 4;
    timer.schedule(this::checkTimeouts, Math.max(1, period), TimeUnit.MILLISECONDS);
  }

  private void checkTimeouts() {
    boolean underWay = calls.giveUpOverdue();
    long limit = TimeUnit.MILLISECONDS.toNanos(settings.commitTimeoutMillis());
    if (locked(() -> pending.waitsLongerThan(limit, nanoTime.getAsLong()))) {
      SheafException error =
          unknown(
              "no majority of the safekeepers confirmed a record of %s within %d ms"
                  .formatted(shard, settings.commitTimeoutMillis()));
      LOG.log(Level.ERROR, error.message());
      stop(error);
      effects.carryOut();
    }
    boolean again =
        locked(() -> {
          watching = over == null && (underWay || !pending.isEmpty());
          return watching;
        });
    if (again) {
      scheduleWatch();
    }
  }

  // ---- small things

  private Proposer leader() {
    return locked(() -> {
      if (proposer == null) {
        throw new SheafException(
            ErrorCode.OBJECT_NOT_IN_PREREQUISITE_STATE, "the log of " + shard + " is not open");
      }
      return proposer;
    });
  }

  private Term termInUse() {
    return locked(() -> term == null ? Term.NONE : term);
  }

  private <T> T locked(Supplier<T> read) {
    lock.lock();
    try {
      return read.get();
    } finally {
      lock.unlock();
    }
  }

  private static SheafException unknown(String why) {
    return new SheafException(ErrorCode.STATEMENT_COMPLETION_UNKNOWN, why)
        .withHint("Ask the next owner for the outcome before trying again.");
  }
}
