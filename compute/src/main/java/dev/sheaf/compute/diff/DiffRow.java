package dev.sheaf.compute.diff;

import dev.sheaf.columnar.vector.Batch;

/**
 * A row of a side.
 *
 * @param batch the side's columns, first of all
 * @param row physical row
 */
record DiffRow(Batch batch, int row) {}
