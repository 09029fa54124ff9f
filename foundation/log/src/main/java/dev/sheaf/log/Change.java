package dev.sheaf.log;

import dev.sheaf.protocol.Lsn;

/** What an acceptor must have durable before it may answer. Changes are applied in order. */
public sealed interface Change {

  /**
   * Store the state. Records at or above {@code state.end()} are cut off, those below {@code
   * state.start()} may be deleted.
   */
  record Save(AcceptorState state) implements Change {}

  /**
   * Append records at the end of the log.
   *
   * @param begin the log's end
   * @param frames whole frames, checked
   * @param commit to be stored beside them; it need not be exact
   */
  record Write(Lsn begin, byte[] frames, Lsn commit) implements Change {}
}
