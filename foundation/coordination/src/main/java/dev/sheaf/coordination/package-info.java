/**
 * Port for leases, terms, compare-and-swap and watches, with its adapters.
 *
 * <p>{@link dev.sheaf.coordination.Coordination} is the port; {@link
 * dev.sheaf.coordination.WatchedEntries} keeps a copy of what is under a prefix, for readers that
 * must not ask the store each time.
 */
@NullMarked
package dev.sheaf.coordination;

import org.jspecify.annotations.NullMarked;
