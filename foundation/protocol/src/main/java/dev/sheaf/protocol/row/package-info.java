/** Rows as they travel in commits and lie in the memtable. */
@NullMarked
package dev.sheaf.protocol.row;

import org.jspecify.annotations.NullMarked;
