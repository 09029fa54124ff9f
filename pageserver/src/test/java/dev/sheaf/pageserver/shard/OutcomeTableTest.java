package dev.sheaf.pageserver.shard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.rpc.shard.ShardService.TransactionStatus;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class OutcomeTableTest {
  private static final long START = 1_000_000;

  /** As a compute makes it: version 7, with the snapshot's millisecond. */
  private static TransactionId begunAt(long millis, int number) {
    return new TransactionId(new UUID(millis << 16 | 0x7000, 1L << 63 | number));
  }

  private static Timestamp at(long millis) {
    return Timestamp.ofMillis(millis);
  }

  @Test
  void whatIsForgottenIsUnknownAndTheRestCertain() {
    var table = new OutcomeTable(Timestamp.ZERO, Timestamp.ZERO);
    TransactionId first = begunAt(START, -1);
    table.committed(first, at(START));
    assertThat(table.statusOf(first)).contains(TransactionStatus.COMMITTED);
    assertThat(table.statusOf(begunAt(START - 9, 0))).isEmpty();
    for (int i = 1; i <= OutcomeTable.MAX_COMMITS; i++) {
      table.committed(begunAt(START + i, i), at(START + i));
    }
    assertThat(table.statusOf(first)).contains(TransactionStatus.UNKNOWN);
    assertThat(table.statusOf(begunAt(START - 9, 0))).contains(TransactionStatus.UNKNOWN);
    assertThat(table.statusOf(begunAt(START + 5_000, 0))).isEmpty();
    assertThat(table.statusOf(new TransactionId(new UUID(5, 5))))
        .contains(TransactionStatus.UNKNOWN);
    assertThat(table.commits()).hasSize(OutcomeTable.MAX_COMMITS);

    long later = START + OutcomeTable.MAX_AGE_MILLIS + 100_000;
    table.committed(begunAt(later, 1), at(later));
    assertThat(table.commits()).hasSizeLessThan(OutcomeTable.MAX_COMMITS);
    assertThat(table.statusOf(begunAt(START + 5_000, 0))).contains(TransactionStatus.UNKNOWN);
  }

  /** The oracle's clock was behind the one that made the id, then it jumped far ahead. */
  @Test
  void noClockMakesAForgottenCommitPassForOneThatNeverWas() {
    for (long behind : new long[] {0, 999, 1_001, 3_600_000}) {
      var table = new OutcomeTable(Timestamp.ZERO, Timestamp.ZERO);
      TransactionId lost = begunAt(START + behind, 1);
      table.committed(lost, at(START));
      long jumped = START + 2 * OutcomeTable.MAX_AGE_MILLIS;
      table.committed(begunAt(START, 2), at(jumped));
      assertThat(table.statusOf(lost)).as("%d ms", behind).contains(TransactionStatus.UNKNOWN);
      var next = new OutcomeTable(table.completeFrom(), table.abortsCompleteFrom());
      assertThat(next.statusOf(lost)).contains(TransactionStatus.UNKNOWN);
      assertThat(table.statusOf(begunAt(jumped + 3_600_000, 3))).isEmpty();
    }
  }

  @Test
  void anAbortThatIsForgottenStillBindsItsTransaction() {
    var table = new OutcomeTable(Timestamp.ZERO, Timestamp.ZERO);
    for (int i = 0; i < OutcomeTable.MAX_ABORTS + 100; i++) {
      table.aborted(begunAt(START + i, i), at(START + i));
    }
    for (int i = 0; i < OutcomeTable.MAX_ABORTS + 100; i++) {
      assertThat(table.mayBeAborted(begunAt(START + i, i), at(START + i - 1))).isTrue();
    }
    TransactionId other = begunAt(START + 101, 0);
    assertThat(table.mayBeAborted(other, at(START + 101))).isFalse();
    assertThat(table.aborts()).hasSize(OutcomeTable.MAX_ABORTS);

    var next = new OutcomeTable(table.completeFrom(), table.abortsCompleteFrom());
    table.aborts().forEach(abort -> next.aborted(abort.getKey(), abort.getValue()));
    assertThat(next.mayBeAborted(begunAt(START, 0), at(START - 1))).isTrue();
    assertThat(next.statusOf(begunAt(START + 200, 200))).contains(TransactionStatus.ABORTED);
    assertThat(next.mayBeAborted(other, at(START + 101))).isFalse();
  }
}
