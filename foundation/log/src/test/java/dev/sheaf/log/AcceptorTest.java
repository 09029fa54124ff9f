package dev.sheaf.log;

import static dev.sheaf.log.TermHistoryTest.history;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.error.SheafException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class AcceptorTest {
  private static final Configuration CONFIGURATION =
      Configuration.of(1, members("a:11", "b:12", "c:13"));
  private static final Configuration JOINT = CONFIGURATION.joint(members("a:11", "b:12", "d:14"));

  private final Acceptor acceptor = new Acceptor(13, AcceptorState.NEW);

  private static List<Member> members(String... members) {
    return Stream.of(members).map(Member::parse).toList();
  }

  private Reply vote(long term, long candidate) {
    return acceptor.on(new Request.Vote(new Term(term), candidate, CONFIGURATION)).reply();
  }

  private Reply elected(long term, long at, long logStart, String history) {
    return acceptor
        .on(
            new Request.Elected(
                new Term(term),
                term,
                CONFIGURATION,
                new Lsn(at),
                new Lsn(logStart),
                history(history)))
        .reply();
  }

  /** Appends one record of {@code bytes} bytes of log. */
  private Reply append(long term, long begin, int bytes, long commit) {
    byte[] frame = RecordFrame.encode(new Lsn(begin), new byte[bytes - 8]);
    return acceptor
        .on(new Request.Append(new Term(term), term, 1, new Lsn(begin), frame, new Lsn(commit)))
        .reply();
  }

  private static Reply synced(long term, long flush, long start) {
    return new Reply.Synced(new Term(term), 13, 1, new Lsn(flush), new Lsn(start));
  }

  private static Reply refused(long promised, long candidate) {
    return new Reply.Refused(new Term(promised), candidate, 1);
  }

  @Test
  void aTermIsPromisedOnceAndToOneCandidate() {
    assertThat(vote(5, 51)).isInstanceOf(Reply.Standing.class);
    assertThat(acceptor.state().promised()).isEqualTo(new Term(5));
    assertThat(vote(5, 52)).isEqualTo(refused(5, 51));
    assertThat(vote(5, 51)).as("asked again").isInstanceOf(Reply.Standing.class);
    assertThat(vote(4, 41)).isEqualTo(refused(5, 51));
    assertThat(vote(6, 61)).isInstanceOf(Reply.Standing.class);
    assertThat(append(5, 0, 20, 0)).isEqualTo(refused(6, 61));
  }

  @Test
  void aVoteIsSavedBeforeItsReply() {
    Acceptor.Decision decision = acceptor.on(new Request.Vote(new Term(3), 3, CONFIGURATION));
    assertThat(decision.changes()).containsExactly(new Change.Save(acceptor.state()));
    assertThat(acceptor.on(new Request.Vote(new Term(3), 3, CONFIGURATION)).changes()).isEmpty();
  }

  @Test
  void onlyAnExactContinuationIsWritten() {
    vote(1, 1);
    assertThat(append(1, 0, 20, 0)).as("not synced").isInstanceOf(Reply.Standing.class);
    assertThat(elected(1, 0, 0, "0@0 1@0")).isEqualTo(synced(1, 0, 0));
    assertThat(append(1, 0, 20, 0)).isEqualTo(synced(1, 20, 0));
    assertThat(append(1, 40, 20, 0)).as("gap").isEqualTo(synced(1, 20, 0));
    assertThat(append(1, 0, 20, 0)).as("repeated").isEqualTo(synced(1, 20, 0));
    assertThat(append(1, 0, 30, 0)).as("overlap").isEqualTo(synced(1, 20, 0));
    assertThat(append(1, 20, 20, 20)).isEqualTo(synced(1, 40, 0));
    assertThat(acceptor.state().commit()).isEqualTo(new Lsn(20));
    byte[] damaged = RecordFrame.encode(new Lsn(40), "x".getBytes(UTF_8));
    damaged[8] ^= 1;
    assertThatThrownBy(() ->
            acceptor.on(new Request.Append(new Term(1), 1, 1, new Lsn(40), damaged, Lsn.ZERO)))
        .isInstanceOf(SheafException.class);
    assertThat(append(1, 40, 20, 0)).isEqualTo(synced(1, 60, 0));
  }

  @Test
  void theTailOfAnotherLeaderIsCutOnceAtTheCommonPoint() {
    vote(1, 1);
    elected(1, 0, 0, "0@0 1@0");
    append(1, 0, 50, 0);
    append(1, 50, 50, 0);
    // A leader of term 3 whose log holds term 1 up to 50 and term 2 up to 80.
    assertThat(elected(3, 80, 0, "0@0 1@0 2@50 3@80"))
        .as("not the common point")
        .isInstanceOf(Reply.Standing.class);
    assertThat(elected(3, 50, 0, "0@0 1@0 2@50 3@80")).isEqualTo(synced(3, 50, 0));
    append(3, 50, 30, 0);
    assertThat(append(3, 80, 20, 80)).isEqualTo(synced(3, 100, 0));
    assertThat(elected(3, 50, 0, "0@0 1@0 2@50 3@80"))
        .as("a late repetition cuts nothing")
        .isEqualTo(synced(3, 100, 0));
    assertThatThrownBy(() -> elected(4, 50, 0, "0@0 1@0 2@50 4@50"))
        .hasMessageContaining("below what is committed at 80");
  }

  @Test
  void forgettingMovesTheStartAndCarriesALaggardForward() {
    vote(1, 1);
    elected(1, 0, 0, "0@0 1@0");
    append(1, 0, 50, 0);
    Reply ahead =
        acceptor.on(new Request.Forget(new Term(1), 1, 1, new Lsn(200), new Lsn(120))).reply();
    assertThat(ahead).isEqualTo(synced(1, 120, 120));
    assertThat(append(1, 120, 50, 120)).isEqualTo(synced(1, 170, 120));
    Reply behind =
        acceptor.on(new Request.Forget(new Term(1), 1, 1, new Lsn(170), new Lsn(90))).reply();
    assertThat(behind).isEqualTo(synced(1, 170, 120));
  }

  @Test
  void aLogThatSharesNoTermWithTheLeaderBeginsAnewAtTheLogsStart() {
    vote(1, 1);
    elected(1, 0, 0, "0@0 1@0");
    append(1, 0, 50, 0);
    assertThat(elected(9, 400, 400, "7@390 9@500")).isEqualTo(synced(9, 400, 400));
    assertThat(acceptor.state().position().lastTerm()).isEqualTo(new Term(7));
  }

  @Test
  void anOlderConfigurationIsRefused() {
    acceptor.on(new Request.Vote(new Term(1), 1, JOINT));
    assertThat(vote(2, 2)).isEqualTo(new Reply.Refused(new Term(1), 1, 2));
  }

  @Test
  void aFollowerStoresANewerConfigurationBeforeItSaysSo() {
    vote(1, 1);
    Request configure = new Request.Configure(new Term(1), 1, JOINT);
    assertThat(acceptor.on(configure).reply()).as("no follower yet").isEqualTo(vote(1, 1));
    elected(1, 0, 0, "0@0 1@0");
    append(1, 0, 20, 0);
    Acceptor.Decision decision = acceptor.on(configure);
    assertThat(decision.reply())
        .isEqualTo(new Reply.Synced(new Term(1), 13, 2, new Lsn(20), Lsn.ZERO));
    assertThat(decision.changes()).containsExactly(new Change.Save(acceptor.state()));
    assertThat(acceptor.state().configuration()).isEqualTo(JOINT);
    assertThat(acceptor.on(configure).changes()).isEmpty();
    assertThat(append(1, 20, 20, 0))
        .as("of the time before")
        .isEqualTo(new Reply.Refused(new Term(1), 1, 2));
  }

  @Test
  void whoLeftDropsTheLogButNotThePromiseAndOnlyOnce() {
    vote(3, 3);
    elected(3, 0, 0, "0@0 3@0");
    append(3, 0, 20, 20);
    Configuration without = JOINT.completed();
    Request retire = new Request.Retire(new Term(3), 3, without);
    assertThat(acceptor.on(retire).changes()).containsExactly(new Change.Save(acceptor.state()));
    assertThat(acceptor.state())
        .isEqualTo(
            new AcceptorState(
                new Term(3), 3, without, TermHistory.EMPTY, Lsn.ZERO, Lsn.ZERO, Lsn.ZERO));
    acceptor.on(
        new Request.Elected(new Term(3), 3, without, Lsn.ZERO, Lsn.ZERO, history("0@0 3@0")));
    byte[] frame = RecordFrame.encode(Lsn.ZERO, new byte[12]);
    acceptor.on(new Request.Append(new Term(3), 3, 3, Lsn.ZERO, frame, Lsn.ZERO));
    assertThat(acceptor.on(retire).changes()).as("a late repetition").isEmpty();
    assertThat(acceptor.state().end()).isEqualTo(new Lsn(20));
  }
}
