/** Accounting of bytes. */
@NullMarked
package dev.sheaf.columnar.memory;

import org.jspecify.annotations.NullMarked;
