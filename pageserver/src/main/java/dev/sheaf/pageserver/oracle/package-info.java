/**
 * The database's timestamp oracle. In: the wall clock and a grant. Out: timestamps that never
 * repeat or go back. {@link dev.sheaf.pageserver.oracle.TimestampOracle} is the rule as a state
 * machine; {@link dev.sheaf.pageserver.oracle.WindowedOracle} persists the window ahead of it.
 */
@NullMarked
package dev.sheaf.pageserver.oracle;

import org.jspecify.annotations.NullMarked;
