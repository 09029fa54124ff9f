/**
 * The safekeeper's service between processes. {@link dev.sheaf.rpc.log.grpc.SafekeeperEndpoint}
 * answers calls from the network with a local service, {@link
 * dev.sheaf.rpc.log.grpc.RemoteSafekeeper} is the service at the other end; requests of the log
 * protocol go over a stream, a {@code Conversation} answered by an {@code AnsweredConversation};
 * {@code LogMessages} translates between the protocol's records and the wire's.
 */
@NullMarked
package dev.sheaf.rpc.log.grpc;

import org.jspecify.annotations.NullMarked;
