package dev.sheaf.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Term;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Answers that reach a leader when they should not count any more. */
final class ProposerTest {
  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");
  private static final Configuration ONLY_A = Configuration.of(1, List.of(new Member(A, 10)));

  private final Map<NodeId, Acceptor> acceptors =
      new TreeMap<>(
          Map.of(
              A, new Acceptor(10, AcceptorState.NEW),
              B, new Acceptor(20, AcceptorState.NEW)));
  private final Proposer leader =
      new Proposer(new Term(1), 1, ONLY_A, new Proposer.Limits(1_000, 10_000, 1_000));
  private final List<Reply> repliesOfA = new ArrayList<>();

  /** Carries effects out until there are none; says what configuration is to be stored, if any. */
  private Optional<ProposerEffect.StoreConfiguration> carryOut(List<ProposerEffect> effects) {
    List<ProposerEffect> waiting = new ArrayList<>(effects);
    Optional<ProposerEffect.StoreConfiguration> asked = Optional.empty();
    while (!waiting.isEmpty()) {
      switch (waiting.removeFirst()) {
        case ProposerEffect.Send(NodeId to, Request request) -> {
          Reply reply = acceptors.get(to).on(request).reply();
          if (to.equals(A)) {
            repliesOfA.add(reply);
          }
          waiting.addAll(leader.received(to, reply));
        }
        case ProposerEffect.StoreConfiguration store -> asked = Optional.of(store);
        case ProposerEffect.Committed _, ProposerEffect.MembersChanged _ -> {}
        case ProposerEffect.Fetch _, ProposerEffect.RetryLater _, ProposerEffect.Fenced _ ->
            throw new AssertionError("nothing fails here");
      }
    }
    return asked;
  }

  private void leadOneRecord() {
    carryOut(leader.start());
    carryOut(leader.propose(new byte[100]).effects());
    assertThat(leader.commit()).isEqualTo(leader.end()).isGreaterThan(Lsn.ZERO);
  }

  @Test
  void aConfigurationIsAdoptedOnlyByWhoAskedForOne() {
    leadOneRecord();
    Configuration joint = carryOut(leader.changeMembers(List.of(B))).orElseThrow().next();
    var idle = new Proposer(new Term(2), 2, joint, Proposer.Limits.DEFAULT);
    assertThat(idle.stored(joint.completed())).isEmpty();
    assertThat(idle.configuration()).isEqualTo(joint);

    Optional<ProposerEffect.StoreConfiguration> next = carryOut(leader.stored(joint));
    assertThat(leader.configuration()).isEqualTo(joint);
    carryOut(leader.stored(next.orElseThrow().next()));
    assertThat(carryOut(leader.stored(joint))).as("an old answer").isEmpty();
    assertThat(leader.configuration()).isEqualTo(joint.completed());
  }

  /** It left, dropped the log, and is to be a member again: what it said before is not true now. */
  @Test
  void whatAFollowerAcknowledgedBeforeItLeftDoesNotCountWhenItComesBack() {
    leadOneRecord();
    Reply old = repliesOfA.getLast();
    Configuration joint = carryOut(leader.changeMembers(List.of(B))).orElseThrow().next();
    Configuration completed = carryOut(leader.stored(joint)).orElseThrow().next();
    carryOut(leader.stored(completed));
    assertThat(acceptors.get(A).state().end()).as("it dropped the log").isEqualTo(Lsn.ZERO);

    List<ProposerEffect> asked = leader.changeMembers(List.of(A));
    assertThat(carryOut(leader.received(A, old))).isEmpty();
    assertThat(leader.standings())
        .filteredOn(standing -> standing.node().equals(A))
        .allSatisfy(standing -> assertThat(standing.flush()).isEqualTo(Lsn.ZERO));
    Configuration back = carryOut(asked).orElseThrow().next();
    assertThat(back.newMembers()).containsExactly(new Member(A, 10));
    assertThat(acceptors.get(A).state().end()).isEqualTo(leader.end());
  }
}
