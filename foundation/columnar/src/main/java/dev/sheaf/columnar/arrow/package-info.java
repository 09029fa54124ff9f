/**
 * The bridge between the engine's batches and Arrow's vectors, for the protocol edge.
 *
 * <p>Out: {@link dev.sheaf.columnar.arrow.ArrowWriter} pulls engine batches (4,096 rows, with
 * selections) and fills a few large Arrow batches by bulk copies; {@code ColumnWriter} holds one
 * loop per layout. In: {@link dev.sheaf.columnar.arrow.ArrowReader} checks a client's vectors,
 * copies them to the heap ({@code FixedColumns}, {@code BytesColumns}) and, where a statement's
 * parameters ask for another type, converts value by value ({@code ValueCast}). {@link
 * dev.sheaf.columnar.arrow.ArrowTypes} says which type becomes which, both ways.
 */
@NullMarked
package dev.sheaf.columnar.arrow;

import org.jspecify.annotations.NullMarked;
