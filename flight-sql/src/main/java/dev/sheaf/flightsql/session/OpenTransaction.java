package dev.sheaf.flightsql.session;

import dev.sheaf.rpc.sql.SqlSession;

/**
 * A transaction that a client opened by action.
 *
 * @param engineHandle the engine's name for it
 */
public record OpenTransaction(SqlSession sql, String engineHandle) {}
