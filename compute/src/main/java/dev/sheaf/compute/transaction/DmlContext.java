package dev.sheaf.compute.transaction;

import dev.sheaf.compute.exec.ExecutionContext;
import dev.sheaf.compute.storage.TransactionIds;
import java.util.function.IntToLongFunction;

/**
 * What the execution of one DML statement needs.
 *
 * @param execution reads, parameters, memory, deadline of the statement
 * @param rowIds gives the first of n consecutive hidden row ids
 * @param transactionIds ids for bulk loads
 */
public record DmlContext(
    Transaction transaction,
    ExecutionContext execution,
    Expressions expressions,
    QueryRunner queries,
    IntToLongFunction rowIds,
    TransactionIds transactionIds) {}
