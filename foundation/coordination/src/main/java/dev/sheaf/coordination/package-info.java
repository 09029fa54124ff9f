/** Port for leases, terms, compare-and-swap and watches, with its adapters. */
@NullMarked
package dev.sheaf.coordination;

import org.jspecify.annotations.NullMarked;
