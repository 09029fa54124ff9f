/**
 * Transactions. In: DML plans and a transaction. Out: counts, RETURNING rows, and at the end one
 * atomic commit.
 *
 * <p>{@link dev.sheaf.compute.transaction.Transaction} holds the snapshot and the {@code
 * WriteBuffer}; each statement collects its own {@link
 * dev.sheaf.compute.transaction.StatementWrites}, which join the buffer only when the statement
 * succeeded. {@link dev.sheaf.compute.transaction.DmlExecutor} runs INSERT, UPDATE and DELETE
 * ({@code InsertRows}, {@code ConflictRows}, {@code ChangeRows}) over the rows that the query
 * executor delivers, {@code RowRules} checks them, {@code TableRows} encodes them. {@code
 * Committer} commits and finds out what became of a commit whose answer was lost.
 */
@NullMarked
package dev.sheaf.compute.transaction;

import org.jspecify.annotations.NullMarked;
