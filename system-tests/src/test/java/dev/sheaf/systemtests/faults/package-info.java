/**
 * Faults of real processes under load. In: a cluster of processes ({@link
 * dev.sheaf.systemtests.faults.FaultCluster}), clients over Flight SQL that check their own answers
 * ({@link dev.sheaf.systemtests.faults.Load}), and a fault. Out: the figures of one row of
 * docs/reliability.md, and a failed test where an answer was wrong.
 */
package dev.sheaf.systemtests.faults;
