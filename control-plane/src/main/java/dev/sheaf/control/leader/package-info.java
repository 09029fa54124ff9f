/**
 * Which control plane decides. In: the coordination store and this process's lease. Out: a {@link
 * dev.sheaf.control.leader.Leadership}, whose fence every write of the leader carries. {@link
 * dev.sheaf.control.leader.LeaderElection} campaigns for as long as it is open.
 */
@NullMarked
package dev.sheaf.control.leader;

import org.jspecify.annotations.NullMarked;
