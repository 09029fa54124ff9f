/**
 * Bulk loads. In: batches in any order. Out: sorted, uploaded segments without timestamps, and the
 * proof that no key is there twice.
 *
 * <p>{@link dev.sheaf.pageserver.bulk.BulkLoader} has a {@code ChunkBuffer} of rows sorted and
 * uploaded whenever it is full; {@code ChunkOverlap} compares the keys of chunks with one another,
 * {@link dev.sheaf.pageserver.bulk.UniquenessCheck} with the tree.
 */
@NullMarked
package dev.sheaf.pageserver.bulk;

import org.jspecify.annotations.NullMarked;
