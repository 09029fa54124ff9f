package dev.sheaf.pageserver.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What every {@link ShardLog} promises to its owner. */
abstract class ShardLogContract {

  /** An unopened log over storage that all logs of one test share. */
  abstract ShardLog newLog();

  /** From now on no append can commit. */
  abstract void loseQuorum();

  abstract void regainQuorum();

  /** Payload bytes that may wait for their commit. */
  static final int PENDING_LIMIT_BYTES = 64 << 10;

  static Deadline soon() {
    return Deadline.after(System.nanoTime(), 20_000);
  }

  final ShardLog open(long term) {
    ShardLog log = newLog();
    log.open(new Term(term), soon());
    return log;
  }

  static List<String> replay(ShardLog log, Lsn from) {
    List<String> records = new ArrayList<>();
    Lsn[] expected = {from};
    log.replay(
        from,
        (start, end, payload) -> {
          assertThat(start).isEqualTo(expected[0]);
          expected[0] = end;
          records.add(new String(payload, UTF_8));
        },
        soon());
    assertThat(expected[0]).isEqualTo(log.endLsn());
    return records;
  }

  static Lsn append(ShardLog log, String record) throws Exception {
    return log.append(record.getBytes(UTF_8)).get(20, TimeUnit.SECONDS);
  }

  static void assertCode(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .satisfies(thrown -> {
          Throwable error = thrown instanceof ExecutionException ? thrown.getCause() : thrown;
          assertThat(error).isInstanceOf(SheafException.class);
          assertThat(((SheafException) error).code()).isEqualTo(code);
        });
  }

  @Test
  void positionsFollowTheRecords() throws Exception {
    try (ShardLog log = open(1)) {
      assertThat(log.isLeader()).isTrue();
      Lsn start = log.endLsn();
      Lsn first = append(log, "one");
      assertThat(first).isEqualTo(start.plus(8 + 3));
      Lsn second = append(log, "");
      assertThat(second).isEqualTo(first.plus(8));
      assertThat(log.endLsn()).isEqualTo(second);
      assertThat(log.commitLsn()).isEqualTo(second);
      assertThat(replay(log, start)).containsExactly("one", "");
      assertThat(replay(log, first)).containsExactly("");
      assertThat(replay(log, second)).isEmpty();
    }
  }

  @Test
  void manyAppendsInFlightCompleteInOrder() throws Exception {
    try (ShardLog log = open(1)) {
      List<Lsn> completed = Collections.synchronizedList(new ArrayList<>());
      List<CompletableFuture<Lsn>> futures = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        futures.add(
            log.append(("r" + i).getBytes(UTF_8)).whenComplete((lsn, error) -> completed.add(lsn)));
      }
      CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new)).get(20, TimeUnit.SECONDS);
      assertThat(completed).isSorted().hasSize(500);
      assertThat(log.commitLsn()).isEqualTo(log.endLsn());
      assertThat(replay(log, log.startLsn()))
          .isEqualTo(IntStream.range(0, 500).mapToObj(i -> "r" + i).toList());
    }
  }

  @Test
  void theNextOwnerFindsEverythingAndFencesThePrevious() throws Exception {
    ShardLog old = open(1);
    append(old, "one");
    append(old, "two");
    try (ShardLog log = open(2)) {
      assertThat(replay(log, log.startLsn())).containsExactly("one", "two");
      assertThat(log.commitLsn()).isEqualTo(log.endLsn());
      assertCode(ErrorCode.STATEMENT_COMPLETION_UNKNOWN, () -> append(old, "lost"));
      assertThat(old.isLeader()).isFalse();
      append(log, "three");
      assertThat(replay(log, log.startLsn())).containsExactly("one", "two", "three");
      assertCode(ErrorCode.SERIALIZATION_FAILURE, () -> open(1));
      assertCode(ErrorCode.SERIALIZATION_FAILURE, () -> open(2));
      assertThat(log.isLeader()).isTrue();
    }
    old.close();
  }

  @Test
  void closingFailsWhatWaits() throws Exception {
    ShardLog log = open(1);
    append(log, "durable");
    loseQuorum();
    CompletableFuture<Lsn> waiting = log.append("waiting".getBytes(UTF_8));
    assertThat(waiting).isNotDone();
    log.close();
    assertCode(ErrorCode.STATEMENT_COMPLETION_UNKNOWN, () -> waiting.get(20, TimeUnit.SECONDS));
    assertCode(ErrorCode.STATEMENT_COMPLETION_UNKNOWN, () -> append(log, "late"));
    assertThat(log.isLeader()).isFalse();
    regainQuorum();
    try (ShardLog next = open(2)) {
      assertThat(replay(next, next.startLsn())).startsWith("durable");
    }
  }

  @Test
  void tooManyWaitingBytesAreRefusedAndLeaveNoTrace() throws Exception {
    try (ShardLog log = open(1)) {
      append(log, "first");
      loseQuorum();
      byte[] half = new byte[PENDING_LIMIT_BYTES / 2 - 64];
      CompletableFuture<Lsn> one = log.append(half);
      CompletableFuture<Lsn> two = log.append(half);
      Lsn end = log.endLsn();
      assertCode(
          ErrorCode.CONFIGURATION_LIMIT_EXCEEDED, () -> log.append(half).get(20, TimeUnit.SECONDS));
      assertThat(log.endLsn()).isEqualTo(end);
      assertThat(log.isLeader()).isTrue();
      regainQuorum();
      one.get(20, TimeUnit.SECONDS);
      assertThat(two.get(20, TimeUnit.SECONDS)).isEqualTo(end);
      append(log, "after");
    }
  }

  @Test
  void forgottenRecordsAreGoneAndTheRestStays() throws Exception {
    ShardLog log = open(1);
    append(log, "one");
    Lsn published = append(log, "two");
    append(log, "three");
    log.forgetBelow(published);
    append(log, "four");
    log.close();
    try (ShardLog next = open(2)) {
      assertThat(next.startLsn()).isEqualTo(published);
      assertThat(replay(next, published)).containsExactly("three", "four");
      assertCode(ErrorCode.DATA_CORRUPTED, () -> replay(next, Lsn.ZERO));
    }
  }
}
