/**
 * Who owns a shard. In: a shard id. Out: a {@link dev.sheaf.pageserver.grant.Grant} with a term
 * that no other owner has or had, or 57P03. {@link dev.sheaf.pageserver.grant.Grants} takes and
 * gives back grants in coordination; entries on the node's lease say that an owner is alive.
 */
@NullMarked
package dev.sheaf.pageserver.grant;

import org.jspecify.annotations.NullMarked;
