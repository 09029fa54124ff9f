/**
 * A local disk between memory and a distant object store. In go ranges of immutable objects as they
 * were read, out come ranges that lie within them.
 *
 * <p>{@link dev.sheaf.objectstore.cache.CachedObjects} is the store with the cache in front, {@link
 * dev.sheaf.objectstore.cache.DiskCache} decides what is kept and writes it in the background,
 * {@code ExtentIndex} knows what is there and what goes first, {@code ExtentFile} defines the bytes
 * of one file and verifies them, {@code CacheFolder} finds out at the start what is left.
 */
@NullMarked
package dev.sheaf.objectstore.cache;

import org.jspecify.annotations.NullMarked;
