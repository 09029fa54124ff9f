package dev.sheaf.objectstore.s3;

import java.nio.file.Path;

/** Bytes {@code offset} to {@code offset + length} of a local file. */
record FilePart(Path file, long offset, long length) {}
