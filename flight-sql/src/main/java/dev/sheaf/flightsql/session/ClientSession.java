package dev.sheaf.flightsql.session;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.sql.SqlService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** What the server keeps for one client between its calls. Thread-safe. */
public final class ClientSession {
  private final SessionId id;
  private final String user;
  private final SessionLimits limits;
  private final LongSupplier nanoClock;
  private final OpenDatabases databases;
  private final HeldStatements statements;
  private final HeldTransactions transactions;
  private final AtomicLong numbers = new AtomicLong();
  private final AtomicInteger calls = new AtomicInteger();
  private volatile long lastUsedNanos;
  private volatile boolean claimed;
  private volatile boolean inTextTransaction;
  private volatile boolean customised;

  ClientSession(
      SessionId id, String user, SqlService service, SessionLimits limits, LongSupplier nanoClock) {
    this.id = id;
    this.user = user;
    this.limits = limits;
    this.nanoClock = nanoClock;
    this.databases = new OpenDatabases(service, user, limits, nanoClock);
    this.statements = new HeldStatements(limits);
    this.transactions = new HeldTransactions(limits.maxTransactions());
    this.lastUsedNanos = nanoClock.getAsLong();
  }

  public SessionId id() {
    return id;
  }

  public String user() {
    return user;
  }

  public OpenDatabases databases() {
    return databases;
  }

  public HeldStatements statements() {
    return statements;
  }

  /** Counts a call in; {@link #leave} counts it out. Fails with 53400 above the limit. */
  public void enter() {
    if (calls.incrementAndGet() > limits.maxCalls()) {
      calls.decrementAndGet();
      throw new SheafException(
              ErrorCode.CONFIGURATION_LIMIT_EXCEEDED,
              "the session has " + limits.maxCalls() + " calls at once, which is the limit")
          .withHint("Read or close open results first, or open another connection.");
    }
    lastUsedNanos = nanoClock.getAsLong();
  }

  public void leave() {
    lastUsedNanos = nanoClock.getAsLong();
    calls.decrementAndGet();
  }

  /** Keeps a prepared statement and names it. */
  public Handles.Handle hold(HeldStatement statement) {
    long number = numbers.incrementAndGet();
    statements.addPrepared(number, statement);
    return new Handles.Handle(Handles.Kind.PREPARED, id, number);
  }

  /** Keeps a query until it is fetched and names it. */
  public Handles.Handle hold(WaitingQuery query) {
    long number = numbers.incrementAndGet();
    query.statement().touch(nanoClock.getAsLong());
    statements.addWaiting(number, query);
    return new Handles.Handle(Handles.Kind.QUERY, id, number);
  }

  /** Keeps a transaction and names it. */
  public Handles.Handle hold(OpenTransaction transaction) {
    long number = numbers.incrementAndGet();
    transactions.add(number, transaction);
    return new Handles.Handle(Handles.Kind.TRANSACTION, id, number);
  }

  /** A name for the empty result of a statement that has run; nothing is kept. */
  public Handles.Handle done() {
    return new Handles.Handle(Handles.Kind.DONE, id, numbers.incrementAndGet());
  }

  public HeldStatement prepared(Handles.Handle handle) {
    return statements.prepared(handle.number(), nanoClock.getAsLong());
  }

  /** A transaction for a statement; 25P01 if unknown, 25P03 if it was rolled back when idle. */
  public OpenTransaction transaction(Handles.Handle handle) {
    return transactions.use(handle.number(), nanoClock.getAsLong());
  }

  /** A transaction for its end. */
  public OpenTransaction endTransaction(Handles.Handle handle) {
    return transactions.remove(handle.number());
  }

  /** Takes note of a COMMAND that succeeded, to know what the session would lose if it expired. */
  public void noteCommand(String sql) {
    switch (FirstWord.of(sql)) {
      case "begin", "start" -> inTextTransaction = true;
      case "commit", "end", "abort" -> inTextTransaction = false;
      case "rollback" -> inTextTransaction &= FirstWord.isRollbackToSavepoint(sql);
      case "set", "reset" -> customised = true;
      default -> {}
    }
  }

  void claim() {
    claimed = true;
  }

  boolean isClaimed() {
    return claimed;
  }

  long lastUsedNanos() {
    return lastUsedNanos;
  }

  boolean isBusy() {
    return calls.get() > 0;
  }

  boolean isInTextTransaction() {
    return inTextTransaction;
  }

  /** Whether a call is under way or a transaction is open. */
  boolean isAtWork() {
    return isBusy() || inTextTransaction || transactions.isAnyInUse();
  }

  boolean hasSettings() {
    return customised || !databases.settings().isEmpty() || databases.catalog() != null;
  }

  /** Closes idle statements and transactions. */
  void expireParts(long nowNanos) {
    statements.expire(nowNanos, limits.sessionIdle().toNanos());
    transactions.expire(nowNanos, limits.transactionIdle().toNanos());
  }

  /** Stops what runs and rolls back what is open. Idempotent. */
  void close() {
    statements.close();
    databases.close();
  }
}
