/**
 * The cluster as people look at it. In: the coordination store. Out: {@link
 * dev.sheaf.control.cluster.ClusterOverview}, read anew each time, requests to drain a node ({@link
 * dev.sheaf.control.cluster.NodeDrains}), and the members of new logs ({@link
 * dev.sheaf.control.cluster.KnownSafekeepers}).
 */
@NullMarked
package dev.sheaf.control.cluster;

import org.jspecify.annotations.NullMarked;
