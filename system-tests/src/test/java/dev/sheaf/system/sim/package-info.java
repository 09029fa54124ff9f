/**
 * The cluster's data path under the deterministic simulator, with its production code: safekeepers
 * with their journals on simulated disks, page servers over a quorum log, coordination, an object
 * store. In: a seed. Out: nothing, or the first thing that went wrong.
 *
 * <p>{@code ClusterRun} is one life; {@code World} the machines; {@code Nemesis} what befalls them;
 * {@code Session} a client; the {@code Workload}s what clients do, with their checkers; {@code
 * LogWitness} and {@code TimeWitness} the invariants that hold at every event. {@code StoreRun} is
 * a life of databases that compact, sweep and branch ({@code FamilyHosting}), with {@code
 * StoreClients} against each one's {@code History} and {@code StoredTruth} for what the object
 * store must and may hold. {@code SeededBugsTest} shows that all this can fail.
 */
@NullMarked
package dev.sheaf.system.sim;

import org.jspecify.annotations.NullMarked;
