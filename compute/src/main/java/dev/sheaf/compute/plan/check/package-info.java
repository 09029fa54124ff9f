/**
 * Named checks of a physical plan: what must hold for any plan whatever the query. {@link
 * dev.sheaf.compute.plan.check.PlanChecks} runs them all.
 */
@NullMarked
package dev.sheaf.compute.plan.check;

import org.jspecify.annotations.NullMarked;
