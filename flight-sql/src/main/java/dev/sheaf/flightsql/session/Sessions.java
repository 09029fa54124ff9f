package dev.sheaf.flightsql.session;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.sql.SqlService;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * The clients' sessions of this process: made on first use, bounded in number, closed when idle.
 * Thread-safe.
 *
 * <p>A session that expires with an open transaction or with settings of its own is remembered for
 * a while, and the next call that names it fails: going on silently without them would turn the
 * statements of a transaction into single commits.
 */
public final class Sessions implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Sessions.class.getName());
  private static final int MAX_REMEMBERED = 10_000;

  /** A session whose client never came back with its name is soon given up. */
  private static final Duration UNCLAIMED_IDLE = Duration.ofMinutes(1);

  private final SqlService service;
  private final SessionLimits limits;
  private final LongSupplier nanoClock;
  private final Map<SessionId, ClientSession> open = new ConcurrentHashMap<>();
  private final Map<SessionId, SheafException> lost = new LinkedHashMap<>();
  private volatile boolean draining;

  public Sessions(SqlService service, SessionLimits limits, LongSupplier nanoClock) {
    this.service = service;
    this.limits = limits;
    this.nanoClock = nanoClock;
  }

  /**
   * How tokens are made.
   *
   * @param lifetime how long a token is good for
   */
  public record TokenRules(
      Seal seal, InstantSource clock, Duration lifetime, SecureRandom random) {}

  /**
   * The gate that authenticates calls for these sessions.
   *
   * @param sendAheadBytes queued for a client before its stream is told to wait
   */
  public static CallGate gate(Authenticator authenticator, TokenRules rules, int sendAheadBytes) {
    var tokens = new SessionTokens(rules.seal(), rules.clock(), rules.lifetime());
    return new CallGate(authenticator, tokens, rules.random(), sendAheadBytes);
  }

  /** The caller's session, made if there is none. */
  public ClientSession of(Caller caller) {
    ClientSession session = open.get(caller.named());
    if (draining && (session == null || !session.isAtWork())) {
      throw new SheafException(ErrorCode.ADMIN_SHUTDOWN, "this server is shutting down")
          .withHint("Connect again, to another server if there is one.");
    }
    if (session == null) {
      failIfLost(caller.named());
      if (open.size() >= limits.maxSessions()) {
        makeRoom();
      }
      session =
          open.computeIfAbsent(
              caller.named(),
              id -> new ClientSession(id, caller.user(), service, limits, nanoClock));
    }
    return use(session, caller);
  }

  /** The caller's session if there is one. */
  public Optional<ClientSession> find(Caller caller) {
    return Optional.ofNullable(open.get(caller.named())).map(session -> use(session, caller));
  }

  /**
   * The session that a handle belongs to: the caller's own, or, for a caller that named none, any
   * session of the same user. A caller without any credentials acts as the handle's owner: ADBC's
   * Java driver sends none when it runs a prepared update, and where everybody is trusted the
   * sealed handle proves more than a user name would.
   */
  public ClientSession owning(Handles.Handle handle, Caller caller) {
    if (caller.isClaimed() && !handle.session().equals(caller.named())) {
      throw Handles.unknown(handle.kind());
    }
    ClientSession session = open.get(handle.session());
    boolean may = caller.isAnonymous() || (session != null && session.user().equals(caller.user()));
    if (session == null || !may) {
      failIfLost(handle.session());
      throw Handles.unknown(handle.kind());
    }
    session.claim();
    return use(session, caller);
  }

  private static ClientSession use(ClientSession session, Caller caller) {
    caller.use(session.id());
    if (caller.isClaimed()) {
      session.claim();
    }
    return session;
  }

  private void failIfLost(SessionId id) {
    SheafException reason;
    synchronized (lost) {
      reason = lost.remove(id);
    }
    if (reason != null) {
      throw reason;
    }
  }

  private void makeRoom() {
    Optional<ClientSession> victim =
        open.values().stream()
            .filter(s -> !s.isClaimed() && !s.isBusy() && !s.isInTextTransaction())
            .min(Comparator.comparingLong(ClientSession::lastUsedNanos));
    if (victim.isEmpty()) {
      throw new SheafException(
              ErrorCode.TOO_MANY_CONNECTIONS,
              "the server has " + limits.maxSessions() + " sessions, which is the limit")
          .withHint("Close connections that are no longer needed, or try again later.");
    }
    close(victim.get());
  }

  /** Ends a session; rolls back what is open. Idempotent. */
  public void close(ClientSession session) {
    open.remove(session.id(), session);
    session.close();
  }

  /** Closes what has been idle for too long. Called now and then by a timer. */
  public void sweep() {
    long now = nanoClock.getAsLong();
    for (ClientSession session : open.values()) {
      try {
        sweep(session, now);
      } catch (RuntimeException e) {
        LOG.log(Level.WARNING, "an idle session could not be closed", e);
      }
    }
  }

  private void sweep(ClientSession session, long now) {
    if (session.isBusy()) {
      return;
    }
    long idle = now - session.lastUsedNanos();
    boolean lostTransaction =
        session.isInTextTransaction() && idle > limits.transactionIdle().toNanos();
    Duration limit =
        session.isClaimed() || session.isInTextTransaction()
            ? limits.sessionIdle()
            : shorter(limits.sessionIdle(), UNCLAIMED_IDLE);
    if (lostTransaction) {
      remember(session.id(), HeldTransactions.idle());
      close(session);
    } else if (idle > limit.toNanos()) {
      if (session.hasSettings()) {
        remember(session.id(), settingsLost());
      }
      close(session);
    } else {
      session.expireParts(now);
    }
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private static SheafException settingsLost() {
    return new SheafException(
            ErrorCode.ADMIN_SHUTDOWN, "the session was closed because it was idle for too long")
        .withHint(
            "Its settings are gone; set them again. The next statement starts a new session.");
  }

  private void remember(SessionId id, SheafException reason) {
    synchronized (lost) {
      lost.put(id, reason);
      if (lost.size() > MAX_REMEMBERED) {
        lost.remove(lost.keySet().iterator().next());
      }
    }
  }

  /** From now on nothing begins (57P01) but in transactions that are open, for them to end. */
  public void drain() {
    draining = true;
  }

  /** Whether a call is under way or a transaction is open. */
  public boolean isAtWork() {
    return open.values().stream().anyMatch(ClientSession::isAtWork);
  }

  /** Number of open sessions. */
  public int size() {
    return open.size();
  }

  @Override
  public void close() {
    open.values().forEach(this::close);
  }
}
