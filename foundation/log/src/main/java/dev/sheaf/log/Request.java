package dev.sheaf.log;

import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Term;

/**
 * What a proposer asks of an acceptor. Every request carries the term, the proposer that claims it,
 * and the generation of the configuration it acts under; an acceptor that has seen greater ones
 * answers {@link Reply.Refused}. All requests may be repeated, delayed and reordered.
 */
public sealed interface Request {
  Term term();

  /** A number that no other proposer has: it tells apart two that claim one term. */
  long candidate();

  /** Generation of the sender's configuration. */
  long generation();

  /**
   * Asks for the promise to refuse lower terms, and where the log stands. Also greets an acceptor
   * that comes back later.
   */
  record Vote(Term term, long candidate, Configuration configuration) implements Request {
    @Override
    public long generation() {
      return configuration.generation();
    }
  }

  /**
   * Announces the term's leader and makes the log follow it: what lies beyond the common point is
   * cut off.
   *
   * @param at common point of the acceptor's log and the leader's, or {@code logStart} if that is
   *     greater; must equal what the acceptor finds by itself
   * @param logStart everything below is published and held by no acceptor for certain
   * @param history the leader's, ending in its own term
   */
  record Elected(
      Term term,
      long candidate,
      Configuration configuration,
      Lsn at,
      Lsn logStart,
      TermHistory history)
      implements Request {
    @Override
    public long generation() {
      return configuration.generation();
    }
  }

  /**
   * Appends records. Anything but an exact continuation writes nothing; the reply says where the
   * log ends.
   *
   * @param begin LSN of the first byte
   * @param frames whole {@link RecordFrame frames}, possibly none
   * @param commit position known to be committed
   */
  record Append(Term term, long candidate, long generation, Lsn begin, byte[] frames, Lsn commit)
      implements Request {
    public Lsn end() {
      return begin.plus(frames.length);
    }
  }

  /**
   * Lets the acceptor forget records below a committed position that a durable manifest covers. An
   * acceptor whose log ends before it continues from there.
   */
  record Forget(Term term, long candidate, long generation, Lsn commit, Lsn below)
      implements Request {}

  /**
   * Has a follower store a newer configuration, from when on it refuses older ones. Tells nothing
   * to an acceptor that does not follow: it hears of the configuration when it is made to.
   */
  record Configure(Term term, long candidate, Configuration configuration) implements Request {
    @Override
    public long generation() {
      return configuration.generation();
    }
  }

  /**
   * Lets an acceptor that is a member no more drop the log; only the promise and the configuration
   * stay. Sent when no election can be won by its vote any more. Carried out only by an acceptor
   * that has not heard of this configuration yet: so a late repetition cannot empty one that is
   * about to be a member again. One that never heard of the log stores nothing.
   */
  record Retire(Term term, long candidate, Configuration configuration) implements Request {
    @Override
    public long generation() {
      return configuration.generation();
    }
  }
}
