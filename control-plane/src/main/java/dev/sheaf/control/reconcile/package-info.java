/**
 * Brings databases from the state they are in to the one they should be in.
 *
 * <p>In: requests to create and delete, and the registry as a former process left it. Out: calls to
 * a {@link dev.sheaf.rpc.control.ShardHost} and the registry's records moved on. Each step can be
 * repeated, so an interrupted one is done again: by the next pass, or by the next process. {@link
 * dev.sheaf.control.reconcile.DatabaseLifecycle} knows the steps, {@code Attempts} when to try
 * again, {@link dev.sheaf.control.reconcile.Operation} tells callers.
 */
@NullMarked
package dev.sheaf.control.reconcile;

import org.jspecify.annotations.NullMarked;
