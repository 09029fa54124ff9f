/**
 * What may be deleted of the object store. In: object keys that a shard names no more, or that a
 * listing shows and nothing names. Out: those that nobody has needed for the grace period.
 *
 * <p>{@link dev.sheaf.pageserver.sweep.Garbage} keeps the time; {@link
 * dev.sheaf.pageserver.sweep.References} is the port to who else needs an object. Who deletes is
 * the shard's owner.
 */
@NullMarked
package dev.sheaf.pageserver.sweep;

import org.jspecify.annotations.NullMarked;
