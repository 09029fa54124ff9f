/**
 * Syntax tree in, typed relational algebra out: names are resolved against a catalog, every
 * expression gets a type and every implicit cast becomes explicit, by PostgreSQL's rules.
 *
 * <p>{@link dev.sheaf.compute.sql.analyze.QueryBinder} binds queries ({@code SelectBinder}, {@code
 * RelationBinder} and {@code GroupBinder} their parts), {@link
 * dev.sheaf.compute.sql.analyze.ExpressionBinder} binds expressions; {@code Scalars} builds typed
 * nodes, {@code Coercion} knows which casts are allowed, {@code ScalarFunctions} and {@code
 * Aggregates} know the functions. The algebra is Calcite's, with our own leaves ({@link
 * dev.sheaf.compute.sql.analyze.TableRel} and others) and our own operators ({@link
 * dev.sheaf.compute.sql.analyze.FnOperator}), so that Calcite never evaluates what our kernels
 * define.
 */
@NullMarked
package dev.sheaf.compute.sql.analyze;

import org.jspecify.annotations.NullMarked;
