/** A physical plan, and what it did, as text for EXPLAIN. */
@NullMarked
package dev.sheaf.compute.explain;

import org.jspecify.annotations.NullMarked;
