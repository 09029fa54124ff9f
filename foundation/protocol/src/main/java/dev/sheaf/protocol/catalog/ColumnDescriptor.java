package dev.sheaf.protocol.catalog;

import dev.sheaf.protocol.type.SqlType;
import org.jspecify.annotations.Nullable;

/**
 * A column of a table.
 *
 * @param id stable within its table, from 1, never reused; segments and rows name columns by it
 * @param name as the user wrote it (folded to lower case unless quoted)
 * @param defaultSql the DEFAULT expression's SQL text, evaluated for each inserted row; null = NULL
 * @param addedDefault physical value (see {@link dev.sheaf.protocol.type.PhysicalType}) that rows
 *     show which were written before ALTER TABLE added the column; null = NULL
 */
public record ColumnDescriptor(
    int id,
    String name,
    SqlType type,
    boolean nullable,
    @Nullable String defaultSql,
    @Nullable Object addedDefault) {}
