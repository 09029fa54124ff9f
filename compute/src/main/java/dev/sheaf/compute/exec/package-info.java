/** Operators over batches: from a physical plan to rows. */
@NullMarked
package dev.sheaf.compute.exec;

import org.jspecify.annotations.NullMarked;
