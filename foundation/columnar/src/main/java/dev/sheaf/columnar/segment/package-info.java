/** Segments: the columnar files of the store, their writer, reader and cache. */
@NullMarked
package dev.sheaf.columnar.segment;

import org.jspecify.annotations.NullMarked;
