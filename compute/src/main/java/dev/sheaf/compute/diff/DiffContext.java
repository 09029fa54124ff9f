package dev.sheaf.compute.diff;

import dev.sheaf.columnar.memory.MemoryBudget;
import dev.sheaf.protocol.Deadline;

/**
 * What a comparison needs of its statement.
 *
 * @param memory every batch and every kept row is charged to it
 * @param deadline of opening views
 * @param alive fails with 57014 when the statement is to end; called once for each batch read
 */
public record DiffContext(MemoryBudget memory, Deadline deadline, Runnable alive) {}
