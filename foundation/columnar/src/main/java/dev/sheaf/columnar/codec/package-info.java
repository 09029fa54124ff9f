/**
 * Encodings of integers and bytes in durable formats. In go plain arrays, out come little-endian
 * bytes, and back.
 *
 * <p>{@link dev.sheaf.columnar.codec.IntegerStream} chooses an encoding for a run of integers and
 * stands on {@link dev.sheaf.columnar.codec.BitPacking}; both append to a {@link
 * dev.sheaf.columnar.codec.ByteSink}. {@link dev.sheaf.columnar.codec.Compression} wraps zstd,
 * {@link dev.sheaf.columnar.codec.ByteHash} is the hash of filters. Nothing here checks integrity:
 * callers verify a checksum before they decode.
 */
@NullMarked
package dev.sheaf.columnar.codec;

import org.jspecify.annotations.NullMarked;
