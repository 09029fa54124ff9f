/**
 * The page server's service over gRPC. In: calls of {@link dev.sheaf.rpc.shard.ShardService} in one
 * process. Out: the same calls in another.
 *
 * <p>{@link dev.sheaf.rpc.shard.grpc.ShardEndpoint} answers for a local service; a {@code
 * ViewSession} holds one pinned view there, a {@code LoadSession} one bulk load, each for as long
 * as its stream lives and is renewed. {@link dev.sheaf.rpc.shard.grpc.RemoteShards} is the service
 * at the other end, with {@code RemoteView} and {@code RemoteLoad}. {@code ShardMessages}
 * translates requests and answers, {@code InspectionMessages} those for operators, {@code
 * BatchCodec} draws how rows cross.
 */
@NullMarked
package dev.sheaf.rpc.shard.grpc;

import org.jspecify.annotations.NullMarked;
