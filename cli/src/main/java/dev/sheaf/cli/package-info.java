/** The commands of ./sheaf and the SQL shell. */
@NullMarked
package dev.sheaf.cli;

import org.jspecify.annotations.NullMarked;
