package dev.sheaf.compute.transaction;

import dev.sheaf.columnar.vector.Batch;
import java.util.List;

/**
 * @param count rows inserted, updated or deleted
 * @param returned batches of the RETURNING expressions, charged to the statement's memory
 */
public record DmlResult(long count, List<Batch> returned) {}
