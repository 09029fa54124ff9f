/** Micro-benchmarks and whole-system workloads with their baselines. */
@NullMarked
package dev.sheaf.bench;

import org.jspecify.annotations.NullMarked;
