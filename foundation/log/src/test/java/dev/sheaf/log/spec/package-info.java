/**
 * Runs TLC over the specification of the log and of the grant ({@code src/spec}). In: models, each
 * a module with bounds. Out: which invariant broke, if any, and how many states were seen. {@link
 * dev.sheaf.log.spec.Model} writes what TLC reads, {@link dev.sheaf.log.spec.Tlc} runs it in a
 * process of its own, {@link dev.sheaf.log.spec.SpecTest} says what must come out.
 */
@NullMarked
package dev.sheaf.log.spec;

import org.jspecify.annotations.NullMarked;
