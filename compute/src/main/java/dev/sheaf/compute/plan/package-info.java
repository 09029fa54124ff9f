/** From a validated statement to a physical plan. */
@NullMarked
package dev.sheaf.compute.plan;

import org.jspecify.annotations.NullMarked;
