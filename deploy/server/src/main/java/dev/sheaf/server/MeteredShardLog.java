package dev.sheaf.server;

import dev.sheaf.pageserver.log.ForwardingShardLog;
import dev.sheaf.pageserver.log.ShardLog;

/** A log whose appends are timed. Thread-safe as the log is. */
final class MeteredShardLog extends ForwardingShardLog {
  private final ServerMetrics metrics;

  MeteredShardLog(ShardLog log, ServerMetrics metrics) {
    super(log);
    this.metrics = metrics;
  }

  /** The future given back is the log's own: completion order is untouched. */
  @Override
  public Proposed propose(byte[] payload) {
    long begun = System.nanoTime();
    Proposed proposed = log.propose(payload);
    proposed
        .committed()
        .thenAccept(end -> metrics.appended(payload.length, System.nanoTime() - begun));
    return proposed;
  }
}
