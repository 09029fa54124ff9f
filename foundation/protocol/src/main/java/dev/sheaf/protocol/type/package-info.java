/** SQL types and how their values lie in memory. */
@NullMarked
package dev.sheaf.protocol.type;

import org.jspecify.annotations.NullMarked;
