/**
 * Rows of running queries that do not fit into memory, on the local disk. A {@link
 * dev.sheaf.compute.spill.SpillSpace} bounds the bytes of a compute; a {@link
 * dev.sheaf.compute.spill.SpillFile} holds rows of one operator until they are read again, with a
 * checksum for every block. Nothing of it outlives the process.
 */
@NullMarked
package dev.sheaf.compute.spill;

import org.jspecify.annotations.NullMarked;
