/**
 * Files that COPY reads and writes. In: a path below the import directory, or rows. Out: batches,
 * or a file that appears whole or not at all.
 *
 * <p>{@link dev.sheaf.compute.copy.ImportDirectory} resolves paths; {@code CsvReader} splits text
 * into records, {@link dev.sheaf.compute.copy.CsvRows} parses them into batches, {@link
 * dev.sheaf.compute.copy.CsvLines} writes them; {@link dev.sheaf.compute.copy.ArrowFiles} reads and
 * writes Arrow.
 */
@NullMarked
package dev.sheaf.compute.copy;

import org.jspecify.annotations.NullMarked;
