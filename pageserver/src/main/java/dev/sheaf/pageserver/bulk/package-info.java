/**
 * Bulk loads. In: batches in any order. Out: sorted, uploaded segments without timestamps, and the
 * proof that no key is there twice.
 *
 * <p>{@link dev.sheaf.pageserver.bulk.BulkLoader} buffers, sorts and uploads chunks; {@link
 * dev.sheaf.pageserver.bulk.ChunkKeys} compares keys of chunks with one another and with the tree.
 */
@NullMarked
package dev.sheaf.pageserver.bulk;

import org.jspecify.annotations.NullMarked;
