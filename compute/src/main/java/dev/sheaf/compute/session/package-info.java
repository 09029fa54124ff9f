/**
 * Sessions: SQL text in, rows or counts out.
 *
 * <p>{@link dev.sheaf.compute.session.ComputeService} opens {@code ComputeSession}s over one {@code
 * Engine} (what all sessions share). A session finds the transaction of a call ({@code
 * SessionTransactions}), then {@code StatementRunner} plans ({@code Plans}) and runs the statement
 * in a {@code StatementScope}: queries and DML ({@code DataStatements}), DDL ({@code
 * DdlStatements}), COPY ({@code CopyStatements}); settings and transaction control are {@code
 * SessionCommands}. {@code ResultRows} hold a query's resources until they are read or closed.
 */
@NullMarked
package dev.sheaf.compute.session;

import org.jspecify.annotations.NullMarked;
