package dev.sheaf.log;

import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Term;

/** What a proposer wants its shell to do. */
public sealed interface ProposerEffect {

  /**
   * Send a request and report its outcome: {@link Proposer#received} or {@link Proposer#failed}.
   * There is at most one request under way to each acceptor.
   */
  record Send(NodeId to, Request request) implements ProposerEffect {}

  /**
   * Read records for an acceptor that lacks them, and report {@link Proposer#fetched} or {@link
   * Proposer#fetchFailed}.
   *
   * @param donor holds the records
   * @param reader the acceptor that lacks them
   * @param begin of a record
   * @param end read no further; stopping earlier, at a record's end, is fine
   */
  record Fetch(NodeId donor, NodeId reader, Lsn begin, Lsn end) implements ProposerEffect {}

  /** Let some time pass, then call {@link Proposer#retry}: the acceptor did not answer. */
  record RetryLater(NodeId node) implements ProposerEffect {}

  /**
   * Records below are committed. The first of these also says that the election is won and the log
   * of the earlier terms is safe.
   */
  record Committed(Lsn commit) implements ProposerEffect {}

  /**
   * An acceptor refused: a greater term, another owner of the same term or a newer configuration is
   * there. This proposer does nothing any more.
   */
  record Fenced(Term by) implements ProposerEffect {}

  /**
   * Replace the log's configuration in coordination by compare-and-swap, then report what is stored
   * for certain: {@link Proposer#stored}. When that cannot be known, find out first.
   *
   * @param now what should be stored
   * @param next what to put in its place
   */
  record StoreConfiguration(Configuration now, Configuration next) implements ProposerEffect {}

  /**
   * The change of members that was asked for is over, and these decide alone now: who was asked
   * for, or the old members if somebody took the change back in coordination.
   */
  record MembersChanged(Configuration configuration) implements ProposerEffect {}
}
