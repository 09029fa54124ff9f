/** Owns shards: orders transactions, materializes the log, serves reads. */
@NullMarked
package dev.sheaf.pageserver;

import org.jspecify.annotations.NullMarked;
