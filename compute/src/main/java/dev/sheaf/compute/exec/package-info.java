/**
 * Operators over batches: a physical plan comes in, a stream of batches goes out.
 *
 * <p>{@link dev.sheaf.compute.exec.QueryExecutor} turns a plan into a tree of {@code Operator}s.
 * Each operator offers several streams that together are its output; a worker pulls one stream at a
 * time, so a stream with the streams below it is a pipeline, and the scan's shared queue of splits
 * hands out the morsels. Operators that need all their input first (aggregation, join build, sort)
 * drain their inputs' streams in parallel through {@code TaskRunner} when they are prepared. {@code
 * ResultSource} hands the root's batches to the one consumer.
 */
@NullMarked
package dev.sheaf.compute.exec;

import org.jspecify.annotations.NullMarked;
