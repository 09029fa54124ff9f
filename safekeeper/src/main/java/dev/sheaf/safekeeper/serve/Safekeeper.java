package dev.sheaf.safekeeper.serve;

import dev.sheaf.log.Acceptor;
import dev.sheaf.log.AcceptorState;
import dev.sheaf.log.Reply;
import dev.sheaf.log.Request;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.log.SafekeeperService;
import dev.sheaf.safekeeper.journal.Journal;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One safekeeper over one journal: the service itself, and the adapter for callers in the same
 * process.
 *
 * <p>A log's requests are decided one after the other under its lock, which also gives their
 * changes to the journal, so the journal has them in the order of the decisions. Every reply waits
 * there for all that came before, also a reply that changed nothing: what it says may rest on
 * changes that are not durable yet.
 */
public final class Safekeeper implements SafekeeperService, AutoCloseable {

  private static final class HostedLog {
    final ReentrantLock lock = new ReentrantLock();

    /** Guarded by the lock. */
    Acceptor acceptor;

    HostedLog(long incarnation, AcceptorState state) {
      acceptor = new Acceptor(incarnation, state);
    }
  }

  private final Journal journal;
  private final Executor replies;
  private final Executor executor;
  private final Map<ShardId, HostedLog> logs = new ConcurrentHashMap<>();

  /**
   * @param journal recovered; closed with this safekeeper
   * @param executor runs what hangs on the replies, and reads; its threads may block
   */
  public Safekeeper(Journal journal, Executor executor) {
    this(journal, executor, executor);
  }

  /**
   * @param journal recovered; closed with this safekeeper
   * @param replies runs what hangs on the replies; {@code Runnable::run} if nothing of it blocks,
   *     which saves a change of threads between the fsync and the answer
   * @param executor runs reads; its threads may block
   */
  public Safekeeper(Journal journal, Executor replies, Executor executor) {
    this.journal = journal;
    this.replies = replies;
    this.executor = executor;
    journal
        .states()
        .forEach((shard, state) -> logs.put(shard, new HostedLog(journal.incarnation(), state)));
  }

  /** Durable state of every log, for status pages. */
  public Map<ShardId, AcceptorState> states() {
    return journal.states();
  }

  @Override
  public CompletableFuture<Reply> request(ShardId log, Request request, Deadline deadline) {
    CompletableFuture<Reply> future = new CompletableFuture<>();
    long reserved = request instanceof Request.Append append ? append.frames().length : 0;
    HostedLog hosted =
        logs.computeIfAbsent(
            log, unknown -> new HostedLog(journal.incarnation(), AcceptorState.NEW));
    try {
      journal.reserve(reserved);
      hosted.lock.lock();
      try {
        decide(log, hosted, request, reserved, future);
      } catch (SheafException e) {
        journal.release(reserved);
        throw e;
      } finally {
        hosted.lock.unlock();
      }
    } catch (SheafException e) {
      future.completeExceptionally(e);
    }
    return future;
  }

  private void decide(
      ShardId log,
      HostedLog hosted,
      Request request,
      long reserved,
      CompletableFuture<Reply> future) {
    Acceptor decider = hosted.acceptor;
    Acceptor.Decision decision = decider.on(request);
    long kept = decision.changes().isEmpty() ? 0 : reserved;
    if (kept != reserved) {
      journal.release(reserved);
    }
    journal.submit(
        log,
        decision.changes(),
        kept,
        failure ->
            replies.execute(() -> {
              if (failure != null && failure.code() == ErrorCode.DISK_FULL) {
                goBack(log, hosted, decider);
              }
              complete(future, decision.reply(), failure);
            }));
  }

  /**
   * What the acceptor decided could not be stored: one that never decided it takes its place. The
   * first of the refused replies does that; those after it had the same acceptor.
   */
  private void goBack(ShardId log, HostedLog hosted, Acceptor decider) {
    hosted.lock.lock();
    try {
      if (hosted.acceptor == decider) {
        hosted.acceptor = new Acceptor(journal.incarnation(), journal.state(log));
        journal.resume(log);
      }
    } finally {
      hosted.lock.unlock();
    }
  }

  private static void complete(
      CompletableFuture<Reply> future, Reply reply, @Nullable SheafException failure) {
    if (failure == null) {
      future.complete(reply);
    } else {
      future.completeExceptionally(failure);
    }
  }

  @Override
  public CompletableFuture<byte[]> read(ShardId log, ReadRange range, Deadline deadline) {
    return CompletableFuture.supplyAsync(
        () -> {
          checkFollows(log, range.term());
          return journal.read(log, range.begin(), range.end(), range.maxBytes());
        },
        executor);
  }

  @Override
  public CompletableFuture<Long> incarnation(Deadline deadline) {
    return CompletableFuture.completedFuture(journal.incarnation());
  }

  private void checkFollows(ShardId log, Term term) {
    HostedLog hosted = logs.get(log);
    boolean readable = false;
    if (hosted != null) {
      hosted.lock.lock();
      try {
        readable = hosted.acceptor.isReadableBy(term);
      } finally {
        hosted.lock.unlock();
      }
    }
    if (!readable) {
      throw new SheafException(
          ErrorCode.OBJECT_NOT_IN_PREREQUISITE_STATE,
          "this safekeeper does not follow the leader of term " + term + " for " + log);
    }
  }

  /** Makes what was accepted durable, then stops. */
  @Override
  public void close() {
    journal.close();
  }
}
