/** What a shard's owner does for computes. */
@NullMarked
package dev.sheaf.rpc.shard;

import org.jspecify.annotations.NullMarked;
