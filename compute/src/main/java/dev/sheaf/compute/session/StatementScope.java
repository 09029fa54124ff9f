package dev.sheaf.compute.session;

import dev.sheaf.columnar.expression.EvaluationContext;
import dev.sheaf.columnar.expression.ExpressionCompiler;
import dev.sheaf.columnar.memory.MemoryBudget;
import dev.sheaf.columnar.text.TextFormat;
import dev.sheaf.compute.catalog.Catalog;
import dev.sheaf.compute.catalog.CatalogNames;
import dev.sheaf.compute.catalog.CatalogReader;
import dev.sheaf.compute.catalog.CatalogTables;
import dev.sheaf.compute.catalog.InformationSchema;
import dev.sheaf.compute.catalog.StatementCatalog;
import dev.sheaf.compute.exec.ExecutionContext;
import dev.sheaf.compute.exec.Profile;
import dev.sheaf.compute.sql.CatalogView;
import dev.sheaf.compute.storage.ShardStorage;
import dev.sheaf.compute.storage.StatementStorage;
import dev.sheaf.compute.transaction.DmlContext;
import dev.sheaf.compute.transaction.DuplicateKeyMessage;
import dev.sheaf.compute.transaction.Expressions;
import dev.sheaf.compute.transaction.Transaction;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.shard.ShardService.Snapshot;
import dev.sheaf.rpc.sql.SqlSession.Cancel;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One statement within a transaction: the catalog and the rows as it sees them, its memory, its
 * deadline. Used by one thread, except what it hands to the executor; {@link #close} gives back the
 * memory.
 */
final class StatementScope implements AutoCloseable {
  private final Engine engine;
  private final Engine.Database database;
  private final Settings settings;
  private final String user;
  private final Transaction transaction;
  private final Deadline deadline;
  private final Cancel cancel;
  private final StatementProgress progress;
  private final MemoryBudget memory;
  private final Catalog committed;
  private final Catalog catalog;
  private final boolean catalogChangedHere;
  private final StatementCatalog catalogView;

  StatementScope(
      Engine engine,
      Engine.Database database,
      Settings settings,
      String user,
      Transaction transaction,
      Deadline deadline,
      Cancel cancel,
      StatementProgress progress) {
    this.engine = engine;
    this.database = database;
    this.settings = settings;
    this.user = user;
    this.transaction = transaction;
    this.deadline = deadline;
    this.cancel = cancel;
    this.progress = progress;
    boolean draws = !transaction.hasSnapshot();
    Snapshot snapshot = transaction.snapshot(deadline);
    if (draws) {
      database.recent().drawn(snapshot);
    }
    Catalog committed = engine.catalogs.at(transaction.shard(), snapshot, deadline);
    this.committed = committed;
    this.catalog = CatalogReader.with(committed, transaction.ownWrites());
    this.catalogChangedHere = catalog != committed;
    this.catalogView =
        new StatementCatalog(
            catalog,
            database.name(),
            settings.searchPath(),
            table -> engine.estimates.of(transaction.shard(), table, deadline));
    this.memory = engine.memory.child("this query", settings.queryMemoryBytes());
  }

  Engine engine() {
    return engine;
  }

  Transaction transaction() {
    return transaction;
  }

  Settings settings() {
    return settings;
  }

  Deadline deadline() {
    return deadline;
  }

  /** To be told how far the statement is. */
  StatementProgress progress() {
    return progress;
  }

  /** What the statement may hold. */
  MemoryBudget memory() {
    return memory;
  }

  Catalog catalog() {
    return catalog;
  }

  /** Whether the transaction changed the catalog itself. */
  boolean catalogChangedHere() {
    return catalogChangedHere;
  }

  /** Whether the transaction itself created the table: nobody else can have written to it. */
  boolean createdHere(TableDescriptor table) {
    return committed.table(table.id()) == null;
  }

  CatalogView catalogView() {
    return catalogView;
  }

  /** The catalog with what this statement itself has changed so far. */
  CatalogView currentCatalogView() {
    return new StatementCatalog(
        CatalogReader.with(committed, transaction.ownWrites()),
        catalogView.database(),
        catalogView.searchPath(),
        catalogView.estimates());
  }

  CatalogNames names() {
    Catalog current = CatalogReader.with(committed, transaction.ownWrites());
    return new CatalogNames(current, settings.searchPath());
  }

  int nextTableId() {
    return database.sequences().nextTableId(deadline);
  }

  /** Whether the caller wants no more of the statement. */
  boolean isCancelled() {
    return cancel.isCancelled();
  }

  /** Fails with 57014 when the caller cancelled or the deadline passed. */
  void checkAlive() {
    if (isCancelled()) {
      throw new SheafException(ErrorCode.QUERY_CANCELED, "canceling statement due to user request");
    }
    deadline.check(engine.time.nanoTime());
  }

  /** Reads as of now: with the writes that the transaction has taken over so far. */
  ExecutionContext execution(@Nullable Object[] parameters, @Nullable Profile profile) {
    StatementStorage storage =
        engine.reads.count(
            new ShardStorage(
                transaction.shard(),
                transaction.snapshot(deadline).timestamp(),
                transaction.ownWrites(),
                this::tableAt,
                deadline));
    return new ExecutionContext(
        storage,
        new SystemRows(),
        parameters,
        memory,
        engine.spill,
        engine.workers,
        engine.config.parallelism(),
        deadline,
        cancel,
        new ExecutionContext.StatementInfo(
            transaction.startedAt(),
            settings.zone(),
            database.name(),
            settings.searchPath().getFirst(),
            user,
            engine.config.version()),
        profile);
  }

  private TableDescriptor tableAt(TableDescriptor current, Timestamp past) {
    Catalog then = engine.catalogs.at(transaction.shard(), past, deadline);
    TableDescriptor byId = then.table(current.id());
    TableDescriptor table = byId != null ? byId : then.table(current.schema(), current.name());
    if (table == null) {
      throw new SheafException(
          ErrorCode.UNDEFINED_TABLE,
          "relation \"" + current.name() + "\" did not exist at that time");
    }
    return table;
  }

  /** Expressions outside of a plan, with the statement's values. */
  Expressions expressions(@Nullable Object[] parameters) {
    ExecutionContext.StatementInfo info = execution(parameters, null).statement();
    var context =
        new EvaluationContext(
            info.now(),
            info.zone(),
            info.database(),
            info.schema(),
            info.user(),
            info.version(),
            engine.random(),
            this::transactionStatus,
            parameters,
            Map.of());
    var compiler = new ExpressionCompiler(context);
    return compiler::compile;
  }

  DmlContext dml(ExecutionContext execution) {
    return new DmlContext(
        transaction,
        execution,
        expressions(execution.parameters()),
        (plan, context) -> progress.input(engine.queries.run(plan, context)),
        count -> database.sequences().nextRowIds(count, deadline),
        engine.transactionIds());
  }

  /** The error as a user should see it. */
  SheafException readable(SheafException error) {
    return new DuplicateKeyMessage(catalog, new TextFormat(settings.zone())).readable(error);
  }

  private String transactionStatus(String id) {
    TransactionId parsed;
    try {
      parsed = TransactionId.parse(id);
    } catch (IllegalArgumentException e) {
      throw new SheafException(
          ErrorCode.INVALID_TEXT_REPRESENTATION, "not a transaction id: \"" + id + "\"", e);
    }
    return transaction
        .shard()
        .service()
        .status(transaction.shard().shard(), parsed, deadline)
        .name()
        .toLowerCase(Locale.ROOT)
        .replace('_', ' ');
  }

  private final class SystemRows implements ExecutionContext.SystemTables {
    @Override
    public List<@Nullable Object[]> rows(String qualifiedName) {
      return new InformationSchema(catalog, database.name()).rows(qualifiedName);
    }

    @Override
    public String transactionStatus(String transactionId) {
      return StatementScope.this.transactionStatus(transactionId);
    }
  }

  /** Fails with 25006 unless rows of the table may change here. */
  void requireWritable(String statement, TableDescriptor table) {
    transaction.requireWritable(statement);
    if (table.schema().equals(CatalogTables.INFORMATION_SCHEMA)) {
      throw new SheafException(ErrorCode.INSUFFICIENT_PRIVILEGE, "system tables cannot be changed");
    }
  }

  @Override
  public void close() {
    memory.close();
  }
}
