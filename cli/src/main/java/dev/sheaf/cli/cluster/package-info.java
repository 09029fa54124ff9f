/**
 * A cluster of processes on this machine. In: what the user wants (how many of each). Out: running
 * processes, each with a folder and a log file, and {@code cluster.json}, from which every later
 * command finds them again. {@link dev.sheaf.cli.cluster.ClusterPlan} decides what to run, {@link
 * dev.sheaf.cli.cluster.ClusterFolder} remembers it, {@link dev.sheaf.cli.cluster.NodeControl} acts
 * on single processes, {@link dev.sheaf.cli.cluster.LocalCluster} on all of them.
 */
@NullMarked
package dev.sheaf.cli.cluster;

import org.jspecify.annotations.NullMarked;
