/**
 * Segments on their way to and from the object store. In: sorted batches. Out: an uploaded object
 * and its {@link dev.sheaf.pageserver.manifest.SegmentMeta}; later, its reader through the cache.
 */
@NullMarked
package dev.sheaf.pageserver.segment;

import org.jspecify.annotations.NullMarked;
