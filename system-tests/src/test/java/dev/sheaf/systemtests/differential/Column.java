package dev.sheaf.systemtests.differential;

/**
 * What an expression may name.
 *
 * @param sql a column's name, or in grouped queries a key or an aggregate
 */
record Column(String sql, Family family) {}
