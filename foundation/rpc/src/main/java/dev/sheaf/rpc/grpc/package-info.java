/**
 * What the gRPC adapters of all services share. {@link dev.sheaf.rpc.grpc.Failures} carries errors
 * over, {@link dev.sheaf.rpc.grpc.CallDeadlines} deadlines; {@link
 * dev.sheaf.rpc.grpc.ClusterTransport} sets both ends of a connection up so that a peer that died
 * is noticed; {@link dev.sheaf.rpc.grpc.SendTrace} knows whether a request can have left.
 */
@NullMarked
package dev.sheaf.rpc.grpc;

import org.jspecify.annotations.NullMarked;
