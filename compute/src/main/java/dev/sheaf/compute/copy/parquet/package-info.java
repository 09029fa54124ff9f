/**
 * Parquet files of flat columns. In: result columns and batches. Out: a file of row groups.
 *
 * <p>{@link dev.sheaf.compute.copy.parquet.ParquetWriter} gathers a row group, one {@code
 * ColumnChunk} for each column, and writes it when it is full. A chunk cuts its column into pages;
 * values that come again go through a {@code ValueDictionary}, and {@code HybridRuns} packs its
 * entries' numbers. {@code ParquetType} says how each SQL type is stored, {@code ThriftWriter}
 * encodes the metadata.
 */
@NullMarked
package dev.sheaf.compute.copy.parquet;

import org.jspecify.annotations.NullMarked;
