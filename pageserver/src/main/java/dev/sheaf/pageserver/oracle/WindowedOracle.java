package dev.sheaf.pageserver.oracle;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.coordination.Coordination.Condition;
import dev.sheaf.coordination.Coordination.Entry;
import dev.sheaf.pageserver.grant.Grant;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * The oracle under a grant: keeps its window durable in coordination at {@code
 * oracle/<database>/window} (decimal), by transactions that compare the grant. So a predecessor can
 * neither extend nor, once its lease is over, answer.
 *
 * <p>A window is extended in the background while timestamps are in demand; an idle database writes
 * nothing. Thread-safe.
 */
public final class WindowedOracle {
  private static final System.Logger LOG = System.getLogger(WindowedOracle.class.getName());

  private final Coordination coordination;
  private final Grant grant;
  private final LongSupplier wallMillis;
  private final Executor background;
  private final String windowKey;

  private final ReentrantLock drawing = new ReentrantLock();
  private final TimestampOracle oracle;

  private final ReentrantLock extending = new ReentrantLock();
  private final AtomicBoolean extensionDue = new AtomicBoolean();
  private long windowRevision;

  private WindowedOracle(
      Coordination coordination,
      Grant grant,
      LongSupplier wallMillis,
      Executor background,
      TimestampOracle oracle,
      long windowRevision) {
    this.coordination = coordination;
    this.grant = grant;
    this.wallMillis = wallMillis;
    this.background = background;
    this.windowKey = windowKey(grant);
    this.oracle = oracle;
    this.windowRevision = windowRevision;
  }

  private static String windowKey(Grant grant) {
    return windowKey(grant.shard().database());
  }

  /** Where a database's window is kept. */
  public static String windowKey(DatabaseId database) {
    return "oracle/" + database + "/window";
  }

  /**
   * Starts above the predecessor's window. Writes nothing yet.
   *
   * @param newestCommit the newest commit timestamp found in the shard: a second floor, which only
   *     matters if coordination's facts were lost
   * @param wallMillis milliseconds since the epoch
   * @param background runs extensions ahead of need
   */
  public static WindowedOracle start(
      Coordination coordination,
      Grant grant,
      Timestamp newestCommit,
      LongSupplier wallMillis,
      Executor background) {
    Optional<Entry> window = coordination.get(windowKey(grant));
    long bound = window.map(WindowedOracle::boundOf).orElse(0L);
    if (window.isPresent() && newestCommit.value() >= bound) {
      throw new SheafException(
          ErrorCode.DATA_CORRUPTED,
          "shard "
              + grant.shard()
              + " holds a commit at "
              + newestCommit
              + ", which is not below the oracle's window "
              + new Timestamp(bound));
    }
    var oracle = new TimestampOracle(new Timestamp(Math.max(bound, newestCommit.value())));
    return new WindowedOracle(
        coordination,
        grant,
        wallMillis,
        background,
        oracle,
        window.map(Entry::modRevision).orElse(0L));
  }

  private static long boundOf(Entry entry) {
    try {
      return Long.parseLong(entry.value());
    } catch (NumberFormatException e) {
      throw new SheafException(
          ErrorCode.DATA_CORRUPTED, entry.key() + " cannot be read: " + entry.value(), e);
    }
  }

  /** The next timestamp; may wait for one write to coordination. 57P03 once the grant is lost. */
  public Timestamp draw() {
    while (true) {
      Optional<Timestamp> drawn = tryDraw();
      if (drawn.isPresent()) {
        return drawn.get();
      }
      extend();
    }
  }

  /**
   * The next timestamp without waiting, for callers that hold locks; empty when {@link #extend}
   * must be called first. 57P03 once the grant is lost: judged after the draw, so that nothing
   * drawn by then gets out.
   */
  public Optional<Timestamp> tryDraw() {
    long now = wallMillis.getAsLong();
    Optional<Timestamp> drawn;
    boolean low;
    drawing.lock();
    try {
      drawn = oracle.draw(now);
      low = oracle.isRunningLow(now);
    } finally {
      drawing.unlock();
    }
    grant.checkHeld();
    if (low && drawn.isPresent() && extensionDue.compareAndSet(false, true)) {
      background.execute(this::extendAhead);
    }
    return drawn;
  }

  private void extendAhead() {
    try {
      extend();
    } catch (SheafException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "cannot extend the timestamp window of " + grant.shard() + " yet: " + e.message());
    } finally {
      extensionDue.set(false);
    }
  }

  /** Makes a further window durable if the present one is running low. */
  public void extend() {
    extending.lock();
    try {
      long now = wallMillis.getAsLong();
      Timestamp bound;
      drawing.lock();
      try {
        if (!oracle.isRunningLow(now)) {
          return;
        }
        bound = oracle.nextWindow(now);
      } finally {
        drawing.unlock();
      }
      persist(bound);
      drawing.lock();
      try {
        oracle.extended(bound);
      } finally {
        drawing.unlock();
      }
    } finally {
      extending.unlock();
    }
  }

  private void persist(Timestamp bound) {
    var change = Change.put(windowKey, Long.toString(bound.value()));
    var window = new Condition(windowKey, windowRevision);
    boolean done;
    try {
      done = coordination.commit(List.of(grant.stillHeld(), window), List.of(change));
    } catch (SheafException e) {
      if (e.code() != ErrorCode.STATEMENT_COMPLETION_UNKNOWN) {
        throw e;
      }
      done = true; // Perhaps: what is read back decides.
    }
    Optional<Entry> now = coordination.get(windowKey);
    // Under this grant nobody else writes the window: what is there may be an attempt of ours that
    // seemed to fail, and the next one has to start from it.
    windowRevision = now.map(Entry::modRevision).orElse(0L);
    if (!done || now.isEmpty() || boundOf(now.get()) != bound.value()) {
      throw new SheafException(
          ErrorCode.CANNOT_CONNECT_NOW,
          "another node issues the timestamps of database " + grant.shard().database());
    }
  }

  /** The greatest timestamp drawn so far. */
  public Timestamp last() {
    drawing.lock();
    try {
      return oracle.last();
    } finally {
      drawing.unlock();
    }
  }
}
