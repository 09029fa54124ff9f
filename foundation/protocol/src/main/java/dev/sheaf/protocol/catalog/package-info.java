/** Descriptors of tables and columns, shared by planner and store. */
@NullMarked
package dev.sheaf.protocol.catalog;

import org.jspecify.annotations.NullMarked;
