package dev.sheaf.server;

import dev.sheaf.log.Configuration;
import dev.sheaf.log.NodeId;
import dev.sheaf.log.NodeStanding;
import dev.sheaf.pageserver.log.ShardLog;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Term;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A log whose appends are timed. Thread-safe as the log is. */
record MeteredShardLog(ShardLog log, ServerMetrics metrics) implements ShardLog {

  @Override
  public void open(Term term, Deadline deadline) {
    log.open(term, deadline);
  }

  @Override
  public void replay(Lsn from, RecordConsumer consumer, Deadline deadline) {
    log.replay(from, consumer, deadline);
  }

  /** The future given back is the log's own: completion order is untouched. */
  @Override
  public CompletableFuture<Lsn> append(byte[] payload) {
    long begun = System.nanoTime();
    CompletableFuture<Lsn> appended = log.append(payload);
    appended.thenAccept(end -> metrics.appended(payload.length, System.nanoTime() - begun));
    return appended;
  }

  @Override
  public Lsn startLsn() {
    return log.startLsn();
  }

  @Override
  public Lsn endLsn() {
    return log.endLsn();
  }

  @Override
  public Lsn commitLsn() {
    return log.commitLsn();
  }

  @Override
  public void forgetBelow(Lsn published) {
    log.forgetBelow(published);
  }

  @Override
  public void changeMembers(List<NodeId> members, Deadline deadline) {
    log.changeMembers(members, deadline);
  }

  @Override
  public Configuration configuration() {
    return log.configuration();
  }

  @Override
  public List<NodeStanding> standings() {
    return log.standings();
  }

  @Override
  public boolean isLeader() {
    return log.isLeader();
  }

  @Override
  public void close() {
    log.close();
  }
}
