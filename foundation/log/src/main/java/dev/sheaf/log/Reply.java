package dev.sheaf.log;

import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Term;

/**
 * What an acceptor answers. Every position in a reply is durable on the acceptor when it is sent.
 */
public sealed interface Reply {

  /**
   * Where an acceptor stands that does not follow the sender (yet). It is a vote if the promise is
   * to the sender and the sender's configuration has this incarnation as a member.
   *
   * @param promised highest term promised
   * @param candidate the proposer that has the promise
   * @param incarnation id of the journal that all this is stored in
   * @param flush the log ends here
   * @param start records below are forgotten
   */
  record Standing(
      Term promised, long candidate, long incarnation, Lsn flush, Lsn start, TermHistory history)
      implements Reply {
    public LogPosition position() {
      return history.positionAt(flush);
    }
  }

  /**
   * The acceptor follows the sender.
   *
   * @param incarnation id of the journal that all this is stored in
   * @param generation of the configuration that it has stored: it refuses lower ones
   * @param flush the log ends here, all of it fsynced
   */
  record Synced(Term term, long incarnation, long generation, Lsn flush, Lsn start)
      implements Reply {}

  /**
   * The acceptor has promised a greater term, the same one to another proposer, or has stored a
   * newer configuration than the request's.
   *
   * @param candidate the proposer that has the promise
   */
  record Refused(Term promised, long candidate, long generation) implements Reply {}
}
