/** Plans and executes SQL; stateless. */
@NullMarked
package dev.sheaf.compute;

import org.jspecify.annotations.NullMarked;
