package dev.sheaf.compute.exec;

import dev.sheaf.columnar.memory.MemoryBudget;
import dev.sheaf.compute.spill.SpillSpace;
import dev.sheaf.compute.storage.StatementStorage;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.rpc.sql.SqlSession.Cancel;
import java.time.Instant;
import java.time.ZoneId;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * All that an execution of a plan needs from outside.
 *
 * @param storage reads of this statement
 * @param systemTables rows of tables that exist only in the compute
 * @param parameters physical values of the statement's parameters
 * @param memory the query's budget; every operator charges it
 * @param spill where rows go that do not fit into it
 * @param workers the CPU pool; {@code parallelism} tasks of the query may run on it at once
 * @param statement values that are constant during the statement
 * @param profile collects per-operator figures for EXPLAIN ANALYZE; null = do not measure
 */
public record ExecutionContext(
    StatementStorage storage,
    SystemTables systemTables,
    @Nullable Object[] parameters,
    MemoryBudget memory,
    SpillSpace spill,
    Executor workers,
    int parallelism,
    Deadline deadline,
    Cancel cancel,
    StatementInfo statement,
    @Nullable Profile profile) {

  /**
   * @param now the statement's time (the transaction's start)
   */
  public record StatementInfo(
      Instant now, ZoneId zone, String database, String schema, String user, String version) {}

  /**
   * Rows of a system table by its qualified name, as Java physical values in the plan node's column
   * order.
   */
  public interface SystemTables {
    java.util.List<@Nullable Object[]> rows(String qualifiedName);

    /** Answers SHEAF_TRANSACTION_STATUS. */
    String transactionStatus(String transactionId);
  }
}
