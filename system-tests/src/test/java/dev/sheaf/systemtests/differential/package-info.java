/**
 * Random SQL in Sheaf and in DuckDB. {@link dev.sheaf.systemtests.differential.SqlDifferentialTest}
 * lets {@code Duel}s run over {@code Tables}; {@code Queries}, {@code Relations}, {@code
 * Aggregates}, {@code Windows} and {@code Expressions} make what they ask; {@code Answer}s are
 * compared but for {@code Differences}.
 */
package dev.sheaf.systemtests.differential;
