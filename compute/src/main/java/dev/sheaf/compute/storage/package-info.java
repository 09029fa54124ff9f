/** Routing, reads of segments and fresh tails. */
@NullMarked
package dev.sheaf.compute.storage;

import org.jspecify.annotations.NullMarked;
