package dev.sheaf.pageserver.log;

import dev.sheaf.log.Configuration;
import dev.sheaf.log.NodeId;
import dev.sheaf.log.NodeStanding;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Term;
import java.util.List;

/**
 * A log that does what another one does, but for the methods that a subclass overrides: for
 * metering and watching. Thread-safe as the other log is.
 */
public abstract class ForwardingShardLog implements ShardLog {
  protected final ShardLog log;

  protected ForwardingShardLog(ShardLog log) {
    this.log = log;
  }

  @Override
  public void open(Term term, Deadline deadline) {
    log.open(term, deadline);
  }

  @Override
  public void replay(Lsn from, RecordConsumer consumer, Deadline deadline) {
    log.replay(from, consumer, deadline);
  }

  @Override
  public Proposed propose(byte[] payload) {
    return log.propose(payload);
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
  public boolean retire(NodeId node) {
    return log.retire(node);
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
