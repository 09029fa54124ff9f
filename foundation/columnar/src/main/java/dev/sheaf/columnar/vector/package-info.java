/** Columns and batches in memory. */
@NullMarked
package dev.sheaf.columnar.vector;

import org.jspecify.annotations.NullMarked;
