/**
 * SQL text in, syntax tree out.
 *
 * <p>{@link dev.sheaf.compute.sql.SqlParser} splits the text into tokens ({@code Lexer}), then
 * descends: {@code StatementParser} chooses the statement, {@code DdlParser}, {@code DmlParser} and
 * {@code CommandParser} read it, {@code QueryParser} and {@code ExpressionParser} read what nests.
 * The tree ({@link dev.sheaf.compute.sql.ParsedStatement}, {@link dev.sheaf.compute.sql.SqlQuery},
 * {@link dev.sheaf.compute.sql.SqlExpression}) knows names as the user wrote them and where;
 * nothing here looks at a catalog.
 */
@NullMarked
package dev.sheaf.compute.sql;

import org.jspecify.annotations.NullMarked;
