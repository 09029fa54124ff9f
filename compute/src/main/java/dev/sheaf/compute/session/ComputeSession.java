package dev.sheaf.compute.session;

import dev.sheaf.columnar.text.TextFormat;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.compute.catalog.Catalog;
import dev.sheaf.compute.catalog.CatalogReader;
import dev.sheaf.compute.sql.ParsedStatement;
import dev.sheaf.compute.sql.SqlParser;
import dev.sheaf.compute.transaction.DuplicateKeyMessage;
import dev.sheaf.compute.transaction.Transaction;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.rpc.sql.SqlService.SessionParameters;
import dev.sheaf.rpc.sql.SqlSession;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One client's session. */
final class ComputeSession implements SqlSession {
  private final Engine engine;
  private final Engine.Database database;
  private final String user;
  private final Settings settings;
  private final SessionTransactions transactions;
  private final SessionCommands commands;
  private final Autocommit autocommit;
  private final Set<PreparedStatement> prepared = ConcurrentHashMap.newKeySet();
  private final Set<ResultRows> results = ConcurrentHashMap.newKeySet();
  private final Runnable onClose;
  private volatile boolean closed;

  ComputeSession(
      Engine engine, Engine.Database database, SessionParameters parameters, Runnable onClose) {
    this.engine = engine;
    this.database = database;
    this.user = parameters.user();
    this.settings = new Settings(engine.config);
    parameters.settings().forEach(settings::set);
    this.transactions =
        new SessionTransactions(
            () -> new UUID(engine.random().nextLong(), engine.random().nextLong()),
            engine.config.maxTransactions());
    this.commands =
        new SessionCommands(
            settings,
            transactions,
            this::openTransaction,
            () -> engine.statements.rows(database.shard().shard()));
    this.autocommit = new Autocommit(engine, () -> newTransaction(false, settings.readOnly()));
    this.onClose = onClose;
  }

  private Transaction newTransaction(boolean explicit, boolean readOnly) {
    return new Transaction(
        engine.transactionIds(),
        database.shard(),
        engine.time,
        engine.config.transactions(),
        explicit,
        readOnly);
  }

  private OpenTransaction openTransaction(boolean readOnly) {
    return new OpenTransaction(
        newTransaction(true, readOnly), this::readable, engine.rolledBack::increment, engine.time);
  }

  /** A commit's error as a user should see it. */
  private SheafException readable(Transaction transaction, SheafException error) {
    if (error.code() != ErrorCode.UNIQUE_VIOLATION) {
      return error;
    }
    Deadline deadline = deadline();
    Catalog catalog =
        CatalogReader.with(
            engine.catalogs.at(transaction.shard(), transaction.snapshot(deadline), deadline),
            transaction.ownWrites());
    return new DuplicateKeyMessage(catalog, new TextFormat(settings.zone())).readable(error);
  }

  private Deadline deadline() {
    return engine.deadline(settings.statementTimeoutMillis());
  }

  private StatementScope scope(
      Transaction transaction, Deadline deadline, Cancel cancel, StatementProgress progress) {
    return new StatementScope(
        engine, database, settings, user, transaction, deadline, cancel, progress);
  }

  private StatementProgress begin(String text) {
    return engine.statements.begin(database.shard().shard(), user, text);
  }

  @Override
  public String database() {
    return database.name();
  }

  @Override
  public String user() {
    return user;
  }

  @Override
  public PreparedSql prepare(String sql, @Nullable String transaction) {
    requireOpen();
    if (prepared.size() >= engine.config.maxPrepared()) {
      throw new SheafException(
              ErrorCode.CONFIGURATION_LIMIT_EXCEEDED,
              "the session has " + engine.config.maxPrepared() + " prepared statements")
          .withHint("Close some of them.");
    }
    OpenTransaction open = transactions.find(transaction);
    StatementRunner.Description description;
    ParsedStatement parsed;
    if (open == null) {
      parsed = SqlParser.parse(sql);
      description = describe(sql, parsed, newTransaction(false, true), deadline());
    } else {
      // Even a syntax error makes a transaction fail.
      Deadline deadline = deadline();
      parsed = parseWithin(open, sql, deadline);
      description =
          isEnd(parsed)
              ? StatementRunner.Description.COMMAND
              : open.run(deadline, t -> describe(sql, parsed, t, deadline));
    }
    var statement =
        new PreparedStatement(
            sql,
            parsed,
            description.kind(),
            description.result(),
            description.parameters(),
            prepared::remove);
    prepared.add(statement);
    return statement;
  }

  private static ParsedStatement parseWithin(OpenTransaction open, String sql, Deadline deadline) {
    try {
      return SqlParser.parse(sql);
    } catch (SheafException e) {
      return open.run(
          deadline,
          transaction -> {
            throw e;
          });
    }
  }

  private static boolean isEnd(ParsedStatement statement) {
    return statement instanceof ParsedStatement.Commit
        || statement instanceof ParsedStatement.Rollback;
  }

  private StatementRunner.Description describe(
      String sql, ParsedStatement parsed, Transaction transaction, Deadline deadline) {
    if (!StatementRunner.needsTransaction(parsed)) {
      return commands.describe(parsed);
    }
    try (StatementScope scope =
        scope(transaction, deadline, Cancel.NEVER, StatementProgress.UNSEEN)) {
      return StatementRunner.describe(sql, parsed, scope);
    }
  }

  @Override
  public SqlResult execute(
      PreparedSql statement,
      @Nullable Batch parameters,
      @Nullable String transaction,
      Cancel cancel) {
    requireOpen();
    if (!(statement instanceof PreparedStatement own) || !prepared.contains(own)) {
      throw new SheafException(
          ErrorCode.INVALID_SQL_STATEMENT_NAME,
          "the prepared statement does not exist in this session");
    }
    return run(own.sql(), own.parsed(), own.resultFields(), parameters, transaction, cancel);
  }

  /** Without describing the statement first: one snapshot and one look at the plan cache less. */
  @Override
  public SqlResult execute(String sql, @Nullable String transaction, Cancel cancel) {
    requireOpen();
    OpenTransaction open = transactions.find(transaction);
    ParsedStatement parsed =
        open == null ? SqlParser.parse(sql) : parseWithin(open, sql, deadline());
    return run(sql, parsed, null, null, transaction, cancel);
  }

  private SqlResult run(
      String sql,
      ParsedStatement statement,
      @Nullable List<Field> promised,
      @Nullable Batch parameters,
      @Nullable String transaction,
      Cancel cancel) {
    Deadline deadline =
        statement instanceof ParsedStatement.CopyFrom
            ? engine.deadline(settings.loadTimeoutMillis())
            : deadline();
    if (!StatementRunner.needsTransaction(statement)) {
      return commands.run(statement, transaction, deadline);
    }
    OpenTransaction open = transactions.find(transaction);
    Cancel cancelOrClosed = () -> closed || cancel.isCancelled();
    if (open == null
        && statement instanceof ParsedStatement.AlterTable alter
        && DdlStatements.restrictsRows(alter.action())) {
      alterInSteps(sql, alter, deadline, cancelOrClosed);
      return new SqlResult.UpdateCount(0);
    }
    return inTransaction(
        sql,
        open,
        deadline,
        cancelOrClosed,
        scope -> StatementRunner.run(sql, statement, promised, parameters, scope),
        repeatAfter(statement),
        statement instanceof ParsedStatement.Insert insert && insert.conflict() == null);
  }

  /** COPY reads files that may be long: a conflict is reported rather than read again. */
  private static Set<ErrorCode> repeatAfter(ParsedStatement statement) {
    return switch (statement) {
      case ParsedStatement.CopyFrom _ -> Autocommit.NEVER;
      case ParsedStatement.Insert insert when insert.conflict() != null ->
          Autocommit.CONFLICT_OR_DUPLICATE;
      default -> Autocommit.CONFLICT;
    };
  }

  private void alterInSteps(
      String sql, ParsedStatement.AlterTable alter, Deadline deadline, Cancel cancel) {
    try (StatementProgress progress = begin(sql);
        Admission.Place place = engine.admission.enter()) {
      new ConstraintChange(
              new ConstraintChange.InTransaction() {
                @Override
                public <T extends @Nullable Object> T run(Function<StatementScope, T> work) {
                  return autocommit.run(
                      deadline,
                      Autocommit.CONFLICT,
                      transaction -> {
                        progress.restart();
                        try (StatementScope scope =
                            scope(transaction, deadline, cancel, progress)) {
                          T result = work.apply(scope);
                          transaction.commit(deadline);
                          return result;
                        }
                      });
                }
              })
          .run(alter);
    }
  }

  /**
   * Runs work as a statement of the transaction, or of one of its own, and guards the result.
   *
   * @param text what the work is, for those who look at what runs
   * @param mayReadNothing whether the work itself finds out if it needs a snapshot of its own
   */
  private SqlResult inTransaction(
      String text,
      @Nullable OpenTransaction open,
      Deadline deadline,
      Cancel cancel,
      Function<StatementScope, SqlResult> work,
      Set<ErrorCode> repeatAfter,
      boolean mayReadNothing) {
    var running = new Running(begin(text));
    boolean streaming = false;
    try {
      running.enter(engine.admission);
      Function<Transaction, SqlResult> statement =
          transaction -> statement(transaction, open, running, deadline, cancel, work);
      SqlResult result;
      if (open != null) {
        result = open.run(deadline, statement);
      } else if (mayReadNothing) {
        result = autocommit.runAssuming(database.recent(), deadline, repeatAfter, statement);
      } else {
        result = autocommit.run(deadline, repeatAfter, statement);
      }
      streaming = result instanceof SqlResult.Rows;
      return result;
    } finally {
      if (!streaming) {
        running.close();
      }
    }
  }

  /** What a statement holds of the compute until it is through. Closing it is idempotent. */
  private static final class Running implements AutoCloseable {
    final StatementProgress progress;
    private Admission.@Nullable Place place;

    Running(StatementProgress progress) {
      this.progress = progress;
    }

    void enter(Admission admission) {
      place = admission.enter();
    }

    @Override
    public void close() {
      progress.close();
      if (place != null) {
        place.close();
      }
    }
  }

  private SqlResult statement(
      Transaction transaction,
      @Nullable OpenTransaction open,
      Running running,
      Deadline deadline,
      Cancel cancel,
      Function<StatementScope, SqlResult> work) {
    running.progress.restart();
    StatementScope scope = scope(transaction, deadline, cancel, running.progress);
    boolean streaming = false;
    try {
      SqlResult result = work.apply(scope);
      if (!transaction.isExplicit()) {
        transaction.commit(deadline);
      }
      if (result instanceof SqlResult.Rows rows) {
        streaming = true;
        return new SqlResult.Rows(rows.fields(), streamed(rows.batches(), scope, open, running));
      }
      return result;
    } catch (SheafException e) {
      throw scope.readable(e);
    } finally {
      if (!streaming) {
        scope.close();
      }
    }
  }

  private ResultRows streamed(
      BatchSource batches, StatementScope scope, @Nullable OpenTransaction open, Running running) {
    ResultRows[] self = new ResultRows[1];
    self[0] =
        new ResultRows(
            running.progress.result(batches),
            scope,
            () -> {
              running.close();
              results.remove(self[0]);
            },
            error -> {
              // A reader that leaves early takes nothing back: the statement itself was through.
              if (open != null && !scope.isCancelled()) {
                open.fail();
              }
            });
    results.add(self[0]);
    return self[0];
  }

  @Override
  public String beginTransaction() {
    requireOpen();
    return transactions.open(openTransaction(settings.readOnly()));
  }

  @Override
  public void endTransaction(String transaction, boolean commit, Cancel cancel) {
    transactions.end(transaction, commit, deadline());
  }

  @Override
  public long ingest(
      IngestTarget target,
      List<Field> fields,
      BatchSource rows,
      @Nullable String transaction,
      Cancel cancel) {
    requireOpen();
    Deadline deadline = engine.deadline(settings.loadTimeoutMillis());
    try (rows) {
      SqlResult result =
          inTransaction(
              "ingest into " + target.table(),
              transactions.find(transaction),
              deadline,
              cancel,
              scope -> new SqlResult.UpdateCount(Ingest.run(target, fields, rows, scope)),
              Autocommit.NEVER,
              false);
      return ((SqlResult.UpdateCount) result).rows();
    }
  }

  @Override
  public List<String> schemas() {
    return catalog().schemas();
  }

  @Override
  public List<TableInfo> tables() {
    return TableInfos.of(catalog());
  }

  /** As the session's own transaction sees it, else the newest. */
  private Catalog catalog() {
    requireOpen();
    Deadline deadline = deadline();
    OpenTransaction open = transactions.find(null);
    Function<Transaction, Catalog> read =
        transaction -> {
          try (StatementScope scope =
              scope(transaction, deadline, Cancel.NEVER, StatementProgress.UNSEEN)) {
            return scope.catalog();
          }
        };
    return open == null ? read.apply(newTransaction(false, true)) : open.run(deadline, read);
  }

  @Override
  public Map<String, String> settings() {
    return settings.all();
  }

  @Override
  public void set(String name, @Nullable String value) {
    settings.set(name, value);
  }

  /** Ends what took too long: idle transactions, results past their deadline. */
  void expire() {
    transactions.expire(settings.idleInTransactionMillis());
    results.forEach(ResultRows::expire);
  }

  private void requireOpen() {
    if (closed) {
      throw new SheafException(ErrorCode.ADMIN_SHUTDOWN, "the session is closed");
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      results.forEach(ResultRows::close);
      transactions.rollbackAll(deadline());
    } finally {
      prepared.clear();
      onClose.run();
    }
  }
}
