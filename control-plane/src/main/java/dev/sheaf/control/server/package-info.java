/**
 * The control plane over HTTP.
 *
 * <p>In: REST requests. Out: JSON, and for every error a {@code Problem} (RFC 9457). {@link
 * dev.sheaf.control.server.DatabasesResource} and {@link dev.sheaf.control.server.ClusterResource}
 * have the routes, {@code JsonBody} reads bodies strictly, {@code ProblemMapper} and {@code
 * HttpEdge} answer errors, {@link dev.sheaf.control.server.OpenApiResource} describes it all. The
 * application provides a {@link dev.sheaf.control.reconcile.DatabaseLifecycle}, a {@link
 * dev.sheaf.control.server.SqlAddresses}, a {@link dev.sheaf.control.cluster.ClusterOverview} and a
 * {@link dev.sheaf.control.cluster.NodeDrains} as beans.
 */
@NullMarked
package dev.sheaf.control.server;

import org.jspecify.annotations.NullMarked;
