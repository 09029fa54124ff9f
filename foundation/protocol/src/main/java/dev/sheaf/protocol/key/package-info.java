/** Order-preserving table keys and key ranges. */
@NullMarked
package dev.sheaf.protocol.key;

import org.jspecify.annotations.NullMarked;
