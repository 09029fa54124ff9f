/**
 * What differs between two databases that have a common past, or between two moments of one. In:
 * two catalogs and two shards, each at a timestamp. Out: rows added, removed and changed, and
 * differences of the schema.
 *
 * <p>{@link dev.sheaf.compute.diff.TablePair} says what of two tables can be compared. {@code
 * TableViews} opens a table on both sides and leaves out what both share: a row of a segment that
 * both sides show cannot differ ({@code OneSided}). What is left of a side comes in the order of
 * the key ({@code SideRows}, one {@code RowCursor} for each segment or tail) and is merged with the
 * other side's ({@code KeyedDiff}; {@code KeylessDiff} counts rows of tables without a key). {@link
 * dev.sheaf.compute.diff.DiffRows} and {@link dev.sheaf.compute.diff.DiffSummary} are the results.
 */
@NullMarked
package dev.sheaf.compute.diff;

import org.jspecify.annotations.NullMarked;
