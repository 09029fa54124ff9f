/**
 * Bounded caches of the compute: in goes a value with its weight in bytes, out falls what was not
 * used for longest. {@link dev.sheaf.compute.cache.LruCache} serves the catalog and the plans.
 */
@NullMarked
package dev.sheaf.compute.cache;

import org.jspecify.annotations.NullMarked;
