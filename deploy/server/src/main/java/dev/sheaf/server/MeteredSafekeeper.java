package dev.sheaf.server;

import dev.sheaf.log.Reply;
import dev.sheaf.log.Request;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.rpc.log.SafekeeperService;
import java.util.concurrent.CompletableFuture;

/** A safekeeper whose appends are timed, until they are on its disk. Thread-safe. */
record MeteredSafekeeper(SafekeeperService safekeeper, ServerMetrics metrics)
    implements SafekeeperService {

  /** The future given back is the safekeeper's own: completion order is untouched. */
  @Override
  public CompletableFuture<Reply> request(ShardId log, Request request, Deadline deadline) {
    CompletableFuture<Reply> reply = safekeeper.request(log, request, deadline);
    if (request instanceof Request.Append append) {
      long begun = System.nanoTime();
      int bytes = append.frames().length;
      reply.whenComplete((answer, error) -> metrics.kept(bytes, System.nanoTime() - begun, error));
    }
    return reply;
  }

  @Override
  public CompletableFuture<byte[]> read(ShardId log, ReadRange range, Deadline deadline) {
    return safekeeper.read(log, range, deadline);
  }

  @Override
  public CompletableFuture<Long> incarnation(Deadline deadline) {
    return safekeeper.incarnation(deadline);
  }
}
