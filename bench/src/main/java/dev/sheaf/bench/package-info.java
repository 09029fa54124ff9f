/**
 * Whole-system workloads, each run beside a peer in one go: {@link dev.sheaf.bench.Bench} takes the
 * command line, a {@link dev.sheaf.bench.Peer} is a system under test, the other classes are one
 * workload each and print Markdown.
 */
@NullMarked
package dev.sheaf.bench;

import org.jspecify.annotations.NullMarked;
