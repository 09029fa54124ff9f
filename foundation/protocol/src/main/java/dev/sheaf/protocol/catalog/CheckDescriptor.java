package dev.sheaf.protocol.catalog;

/**
 * A CHECK constraint: rows for which the condition is FALSE are refused with 23514 and the name.
 */
public record CheckDescriptor(String name, String conditionSql) {}
