/**
 * Building blocks of durable layouts: bytes in and out with bounds checks, and the envelope (magic,
 * version, checksum) around whole files and objects.
 */
@NullMarked
package dev.sheaf.protocol.format;

import org.jspecify.annotations.NullMarked;
