/** What every adapter of the coordination port must pass. */
@NullMarked
package dev.sheaf.testkit.coordination;

import org.jspecify.annotations.NullMarked;
