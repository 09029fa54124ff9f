package dev.sheaf.systemtests.differential;

/**
 * A statement that returns rows.
 *
 * @param ordered whether it prescribes an order of its rows, up to equal ones
 */
record Query(String sql, boolean ordered) {}
