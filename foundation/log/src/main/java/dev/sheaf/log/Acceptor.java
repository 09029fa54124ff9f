package dev.sheaf.log;

import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.List;
import java.util.Optional;

/**
 * One safekeeper's part in one log. Not thread-safe.
 *
 * <p>The machine moves on as soon as it has decided; its caller applies the changes in the order of
 * the decisions and holds back each reply until all changes up to it are durable. So many requests
 * can share an fsync, and a crash loses only what nobody was told: the machine restarted on the
 * durable prefix is one that never heard the rest.
 */
public final class Acceptor {
  private final long incarnation;
  private AcceptorState state;

  /**
   * @param incarnation id of the journal that the state is stored in, drawn at random when the
   *     journal was created; not {@link Member#NOT_ADMITTED}
   * @param durable what was stored last, or {@link AcceptorState#NEW}
   */
  public Acceptor(long incarnation, AcceptorState durable) {
    if (incarnation == Member.NOT_ADMITTED) {
      throw new SheafException(
          ErrorCode.INVALID_PARAMETER_VALUE, "an acceptor without an incarnation");
    }
    this.incarnation = incarnation;
    this.state = durable;
  }

  /**
   * @param changes to make durable, in order, before the reply is sent
   */
  public record Decision(List<Change> changes, Reply reply) {}

  public AcceptorState state() {
    return state;
  }

  /**
   * Decides on a request.
   *
   * @throws SheafException XX001 damaged frames, XX000 a request that would cut off committed
   *     records; nothing has changed then
   */
  public Decision on(Request request) {
    if (isOutdated(request)) {
      return only(
          new Reply.Refused(
              state.promised(), state.candidate(), state.configuration().generation()));
    }
    return switch (request) {
      case Request.Vote vote -> onVote(vote);
      case Request.Elected elected -> onElected(elected);
      case Request.Append append -> follows(append) ? onAppend(append) : only(standing());
      case Request.Forget forget -> follows(forget) ? onForget(forget) : only(standing());
      case Request.Configure configure ->
          follows(configure) ? onConfigure(configure) : only(standing());
      case Request.Retire retire -> onRetire(retire);
    };
  }

  /**
   * Whether the log is known to be the sender's own as far as it goes, so that it may be read as
   * such: a promise alone is not enough, the tail may still be another leader's.
   */
  public boolean isReadableBy(Term term) {
    return term.equals(state.promised()) && state.followsPromised();
  }

  private boolean isOutdated(Request request) {
    int byTerm = request.term().compareTo(state.promised());
    return byTerm < 0
        || (byTerm == 0 && hasOtherLeader(request))
        || request.generation() < state.configuration().generation();
  }

  /**
   * A promise to one candidate does not stop another from becoming the term's leader through other
   * acceptors; only asking for a second promise, and contradicting the leader, are refused.
   */
  private boolean hasOtherLeader(Request request) {
    return request.candidate() != state.candidate()
        && (state.followsPromised() || request instanceof Request.Vote);
  }

  private boolean follows(Request request) {
    return isReadableBy(request.term());
  }

  private Decision onVote(Request.Vote vote) {
    boolean known =
        vote.term().equals(state.promised())
            && vote.generation() == state.configuration().generation();
    if (known) {
      return only(standing());
    }
    state =
        new AcceptorState(
            vote.term(),
            vote.candidate(),
            vote.configuration(),
            state.history(),
            state.start(),
            state.end(),
            state.commit());
    return save(standing());
  }

  private Decision onElected(Request.Elected elected) {
    if (follows(elected)) {
      // A repetition. Cutting again would take away what was acknowledged since.
      return only(synced());
    }
    // The leader's own term is the last of its history and unknown here: its end does not matter.
    Optional<Lsn> common = state.history().commonPoint(state.end(), elected.history(), state.end());
    boolean keep = common.isPresent() && !common.get().isBefore(elected.logStart());
    Lsn expected = keep ? common.get() : elected.logStart();
    if (!expected.equals(elected.at())) {
      return only(standing());
    }
    if (expected.isBefore(state.commit())) {
      throw new SheafException(
          ErrorCode.INTERNAL_ERROR,
          "the leader of term %s would cut the log at %s, below what is committed at %s"
              .formatted(elected.term(), expected, state.commit()));
    }
    Lsn start = keep ? max(state.start(), elected.logStart()) : expected;
    state =
        new AcceptorState(
            elected.term(),
            elected.candidate(),
            elected.configuration(),
            elected.history().forgetBelow(start),
            start,
            expected,
            max(state.commit(), start));
    return save(synced());
  }

  private Decision onAppend(Request.Append append) {
    if (!append.begin().equals(state.end())) {
      return only(synced());
    }
    RecordFrame.check(append.begin(), append.frames());
    Lsn commit = max(state.commit(), min(append.commit(), append.end()));
    state = state.withEnd(append.end(), commit);
    if (append.frames().length == 0) {
      return only(synced());
    }
    return new Decision(
        List.of(new Change.Write(append.begin(), append.frames(), commit)), synced());
  }

  private Decision onForget(Request.Forget forget) {
    Lsn below = min(forget.below(), forget.commit());
    if (below.compareTo(state.start()) <= 0) {
      return only(synced());
    }
    Lsn end = max(state.end(), below);
    Lsn commit = max(max(state.commit(), below), min(forget.commit(), end));
    state =
        new AcceptorState(
            state.promised(),
            state.candidate(),
            state.configuration(),
            state.history().forgetBelow(below),
            below,
            end,
            commit);
    return save(synced());
  }

  private Decision onConfigure(Request.Configure configure) {
    if (configure.generation() == state.configuration().generation()) {
      return only(synced());
    }
    state = state.withConfiguration(configure.configuration());
    return save(synced());
  }

  private Decision onRetire(Request.Retire retire) {
    boolean never = state.configuration().equals(Configuration.NONE);
    if (never || retire.generation() == state.configuration().generation()) {
      return only(standing());
    }
    state =
        new AcceptorState(
            retire.term(),
            retire.candidate(),
            retire.configuration(),
            TermHistory.EMPTY,
            Lsn.ZERO,
            Lsn.ZERO,
            Lsn.ZERO);
    return save(standing());
  }

  private Decision save(Reply reply) {
    return new Decision(List.of(new Change.Save(state)), reply);
  }

  private static Decision only(Reply reply) {
    return new Decision(List.of(), reply);
  }

  private Reply.Standing standing() {
    return new Reply.Standing(
        state.promised(),
        state.candidate(),
        incarnation,
        state.end(),
        state.start(),
        state.history());
  }

  private Reply.Synced synced() {
    return new Reply.Synced(
        state.promised(),
        incarnation,
        state.configuration().generation(),
        state.end(),
        state.start());
  }

  private static Lsn max(Lsn a, Lsn b) {
    return a.isBefore(b) ? b : a;
  }

  private static Lsn min(Lsn a, Lsn b) {
    return a.isBefore(b) ? a : b;
  }
}
