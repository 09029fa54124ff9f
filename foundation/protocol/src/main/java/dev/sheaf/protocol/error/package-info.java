/** The one exception type, its codes and what a caller can do about each. */
@NullMarked
package dev.sheaf.protocol.error;

import org.jspecify.annotations.NullMarked;
