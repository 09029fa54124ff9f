/** Vectors that grow: row values or other vectors go in, batches come out. */
@NullMarked
package dev.sheaf.pageserver.column;

import org.jspecify.annotations.NullMarked;
