/**
 * Segments: the columnar files of the store.
 *
 * <p>In go batches of row versions in key order ({@link dev.sheaf.columnar.segment.SegmentWriter}),
 * out comes an immutable file; {@link dev.sheaf.columnar.segment.SegmentFile} answers vectors and
 * key lookups from it through range reads and a {@link dev.sheaf.columnar.segment.BlockCache};
 * {@link dev.sheaf.columnar.segment.Segments} keeps open ones.
 *
 * <p>The work is shared so: one {@code ColumnWriter} a type turns values into pages, {@code
 * SegmentLayout}, {@code SegmentIndexCodec} and {@code Page} define the bytes, {@code PageFetcher}
 * gets pages and verifies them ({@code PageLoads} lets readers share a read, {@link
 * dev.sheaf.columnar.segment.ReadAhead} bounds those made ahead of need), {@code VecDecoder} and
 * {@code BytesDecoder} turn pages into vectors. {@link dev.sheaf.columnar.segment.HotPages} names
 * what a cache is used for, and {@link dev.sheaf.columnar.segment.WarmUps} fetches it elsewhere.
 */
@NullMarked
package dev.sheaf.columnar.segment;

import org.jspecify.annotations.NullMarked;
