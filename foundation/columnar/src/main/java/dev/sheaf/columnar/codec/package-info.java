/**
 * Encodings of integers and bytes in durable formats. In go plain arrays, out come little-endian
 * bytes, and back.
 *
 * <p>{@link dev.sheaf.columnar.codec.ByteSink} and {@link dev.sheaf.columnar.codec.ByteCursor}
 * write and read fields, {@link dev.sheaf.columnar.codec.IntegerStream} chooses an encoding for a
 * run of integers and stands on {@link dev.sheaf.columnar.codec.BitPacking}; {@link
 * dev.sheaf.columnar.codec.Compression} wraps zstd. Nothing here checks integrity: callers verify a
 * checksum before they decode.
 */
@NullMarked
package dev.sheaf.columnar.codec;

import org.jspecify.annotations.NullMarked;
