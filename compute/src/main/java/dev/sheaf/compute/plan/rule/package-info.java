/**
 * Rewrites of the relational algebra, one per class, each from a tree to an equivalent one: {@link
 * dev.sheaf.compute.plan.rule.SemiJoins}, {@link dev.sheaf.compute.plan.rule.PartitionFilters} and
 * {@link dev.sheaf.compute.plan.rule.JoinOrder}, with {@link
 * dev.sheaf.compute.plan.rule.Estimator}'s figures.
 */
@NullMarked
package dev.sheaf.compute.plan.rule;

import org.jspecify.annotations.NullMarked;
