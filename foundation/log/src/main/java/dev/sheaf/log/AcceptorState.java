package dev.sheaf.log;

import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;

/**
 * What an acceptor keeps durable beside the records.
 *
 * @param promised highest term promised; requests of lower ones are refused
 * @param candidate the proposer that has the promise: a term is promised to one proposer only
 * @param configuration the newest configuration heard of
 * @param history which term wrote which part; may reach beyond {@code end} while catching up
 * @param start records below are forgotten
 * @param end the log ends here
 * @param commit records below are known to be committed; may lag behind the truth
 */
public record AcceptorState(
    Term promised,
    long candidate,
    Configuration configuration,
    TermHistory history,
    Lsn start,
    Lsn end,
    Lsn commit) {

  /** Of a log that this acceptor hears of for the first time. */
  public static final AcceptorState NEW =
      new AcceptorState(
          Term.NONE, 0, Configuration.NONE, TermHistory.EMPTY, Lsn.ZERO, Lsn.ZERO, Lsn.ZERO);

  public AcceptorState {
    if (end.isBefore(start) || end.isBefore(commit)) {
      throw new SheafException(
          ErrorCode.DATA_CORRUPTED,
          "a log cannot begin at " + start + ", be committed to " + commit + " and end at " + end);
    }
  }

  /** Whether the log follows the leader of the promised term. */
  public boolean followsPromised() {
    return history.lastTerm().equals(promised);
  }

  public LogPosition position() {
    return history.positionAt(end);
  }

  AcceptorState withConfiguration(Configuration next) {
    return new AcceptorState(promised, candidate, next, history, start, end, commit);
  }

  AcceptorState withEnd(Lsn newEnd, Lsn newCommit) {
    return new AcceptorState(promised, candidate, configuration, history, start, newEnd, newCommit);
  }
}
