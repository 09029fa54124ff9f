package dev.sheaf.testkit.log;

import dev.sheaf.log.Acceptor;
import dev.sheaf.log.AcceptorState;
import dev.sheaf.log.Change;
import dev.sheaf.log.RecordFrame;
import dev.sheaf.log.Reply;
import dev.sheaf.log.Request;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.log.SafekeeperService;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * A safekeeper in memory that can be told to go away, to come back, and to keep silent. Passes
 * {@link SafekeeperContract}. Thread-safe; answers on the caller's thread.
 */
public final class MemorySafekeeper implements SafekeeperService {
  private static final class Log {
    final Acceptor acceptor;
    final TreeMap<Lsn, byte[]> records = new TreeMap<>();

    Log(long incarnation) {
      acceptor = new Acceptor(incarnation, AcceptorState.NEW);
    }
  }

  private final Map<ShardId, Log> logs = new HashMap<>();
  private final List<CompletableFuture<?>> unanswered = new ArrayList<>();
  private long incarnation = 1;
  private boolean away;
  private boolean silent;

  /** From now on requests fail at once, unprocessed. */
  public synchronized void goAway() {
    away = true;
  }

  /** From now on requests are processed but not answered. */
  public synchronized void fallSilent() {
    silent = true;
  }

  /** Works again, with all that it had. Requests without an answer fail. */
  public void comeBack() {
    List<CompletableFuture<?>> lost;
    synchronized (this) {
      away = false;
      silent = false;
      lost = List.copyOf(unanswered);
      unanswered.clear();
    }
    lost.forEach(each -> each.completeExceptionally(unreachable()));
  }

  /** Loses all that it had, as with a new disk: what comes back is another incarnation. */
  public synchronized void wipe() {
    logs.clear();
    incarnation++;
  }

  /** Flips a bit of the stored record that starts at a position. */
  public synchronized void damage(ShardId log, Lsn start) {
    byte[] frame = Objects.requireNonNull(logOf(log).records.get(start));
    frame[frame.length - 1] ^= 1;
  }

  /** State of a log's acceptor. */
  public synchronized AcceptorState state(ShardId log) {
    return logOf(log).acceptor.state();
  }

  @Override
  public CompletableFuture<Reply> request(ShardId log, Request request, Deadline deadline) {
    return answer(() -> {
      Acceptor.Decision decision = logOf(log).acceptor.on(request);
      decision.changes().forEach(change -> store(logOf(log), change));
      return decision.reply();
    });
  }

  @Override
  public CompletableFuture<byte[]> read(ShardId log, ReadRange range, Deadline deadline) {
    return answer(() -> frames(logOf(log), range));
  }

  @Override
  public CompletableFuture<Long> incarnation(Deadline deadline) {
    return answer(() -> incarnation);
  }

  private <T> CompletableFuture<T> answer(Supplier<T> work) {
    CompletableFuture<T> future = new CompletableFuture<>();
    T result;
    synchronized (this) {
      if (away) {
        return CompletableFuture.failedFuture(unreachable());
      }
      try {
        result = work.get();
      } catch (SheafException e) {
        return CompletableFuture.failedFuture(e);
      }
      if (silent) {
        unanswered.add(future);
        return future;
      }
    }
    future.complete(result);
    return future;
  }

  private Log logOf(ShardId log) {
    return logs.computeIfAbsent(log, unknown -> new Log(incarnation));
  }

  private static void store(Log log, Change change) {
    switch (change) {
      case Change.Save(AcceptorState state) -> {
        log.records.tailMap(state.end(), true).clear();
        log.records.headMap(state.start(), false).clear();
      }
      case Change.Write(Lsn begin, byte[] frames, Lsn commit) ->
          RecordFrame.forEach(
              begin,
              frames,
              (start, end, payload) -> log.records.put(start, RecordFrame.encode(start, payload)));
    }
  }

  private static byte[] frames(Log log, ReadRange range) {
    if (!log.acceptor.isReadableBy(range.term())) {
      throw new SheafException(
          ErrorCode.OBJECT_NOT_IN_PREREQUISITE_STATE,
          "this safekeeper does not follow the leader of term " + range.term());
    }
    if (range.begin().isBefore(log.acceptor.state().start())) {
      throw new SheafException(
          ErrorCode.SNAPSHOT_TOO_OLD, "the log below " + range.begin() + " is forgotten");
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] frame : log.records.subMap(range.begin(), range.end()).values()) {
      if (out.size() > 0 && out.size() + frame.length > range.maxBytes()) {
        break;
      }
      out.writeBytes(frame);
    }
    byte[] frames = out.toByteArray();
    RecordFrame.check(range.begin(), frames);
    return frames;
  }

  private static SheafException unreachable() {
    return new SheafException(ErrorCode.IO_ERROR, "the safekeeper cannot be reached");
  }
}
