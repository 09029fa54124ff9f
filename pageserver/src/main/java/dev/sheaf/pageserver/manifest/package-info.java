/**
 * The durable list of what a shard consists of at a point of its log. In: segments and delete
 * vectors. Out: immutable, checksummed objects, of which the highest (term, sequence) wins.
 *
 * <p>{@link dev.sheaf.pageserver.manifest.Manifest} is the content, {@link
 * dev.sheaf.pageserver.manifest.ManifestStore} publishes and finds it, {@link
 * dev.sheaf.pageserver.manifest.DeleteVector} says which rows of a segment are superseded.
 */
@NullMarked
package dev.sheaf.pageserver.manifest;

import org.jspecify.annotations.NullMarked;
