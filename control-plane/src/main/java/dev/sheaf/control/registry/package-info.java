/**
 * Which databases exist.
 *
 * <p>In: wishes to create, advance and remove databases. Out: {@link
 * dev.sheaf.control.registry.DatabaseRecord records}, kept in the coordination store and changed by
 * compare-and-set alone, and a watched copy of them that answers {@link
 * dev.sheaf.rpc.control.DatabaseDirectory}. {@link dev.sheaf.control.registry.DatabaseRegistry}
 * does the work; {@code RegistryCodec} has the durable layout, {@link
 * dev.sheaf.coordination.WatchedEntries} the copy, {@link
 * dev.sheaf.control.registry.IdempotencyKey} makes a repeated create harmless.
 */
@NullMarked
package dev.sheaf.control.registry;

import org.jspecify.annotations.NullMarked;
