package dev.sheaf.pageserver.serve;

import static dev.sheaf.pageserver.serve.Harness.SHARD;
import static dev.sheaf.pageserver.serve.Harness.now;
import static dev.sheaf.pageserver.serve.Harness.soon;
import static dev.sheaf.pageserver.serve.Harness.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.shard.ShardService.CommitRequest;
import dev.sheaf.rpc.shard.ShardService.TransactionStatus;
import dev.sheaf.rpc.shard.ShardService.WriteKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a transaction stays true, whoever owns the shard. */
final class TransactionStatusTest {
  private static final long SEED = Long.getLong("sheaf.seed", System.nanoTime());

  @TempDir Path scratch;
  private Harness harness;
  private PageServer server;

  @BeforeEach
  void start() {
    harness = new Harness(scratch);
    server = harness.start();
  }

  private static void assertCode(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(SheafException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  private CommitRequest request(long key) {
    return new CommitRequest(
        SHARD, Harness.id(), now(server), List.of(write(WriteKind.PUT, key, key)), List.of());
  }

  private TransactionStatus status(TransactionId transaction) {
    return server.status(SHARD, transaction, soon());
  }

  /** Another node takes the shard over: from the log, or from a manifest with an empty log. */
  private void failOver(boolean flushed) {
    if (flushed) {
      server.release(SHARD, soon());
    }
    server.abandon();
    server = harness.start();
  }

  @Test
  void aCommitThatComesAfterItsAbortIsRefusedByEveryOwner() {
    CommitRequest late = request(1);
    assertThat(status(late.transaction())).isEqualTo(TransactionStatus.ABORTED);
    for (boolean flushed : new boolean[] {false, false, true, true, false}) {
      assertCode(ErrorCode.SERIALIZATION_FAILURE, () -> server.commit(late, soon()));
      failOver(flushed);
      assertCode(ErrorCode.SERIALIZATION_FAILURE, () -> server.commit(late, soon()));
      assertThat(status(late.transaction())).isEqualTo(TransactionStatus.ABORTED);
    }
    CommitRequest fine = request(1);
    var committed = server.commit(fine, soon());
    for (boolean flushed : new boolean[] {false, true}) {
      failOver(flushed);
      assertThat(status(fine.transaction())).isEqualTo(TransactionStatus.COMMITTED);
      assertThat(server.commit(fine, soon())).isEqualTo(committed);
    }
  }

  @Test
  void anAbortIsNotSaidBeforeTheQuorumHasIt() {
    CommitRequest late = request(1);
    harness.log(SHARD).holdCommits();
    assertCode(
        ErrorCode.CANNOT_CONNECT_NOW,
        () -> server.status(SHARD, late.transaction(), Deadline.after(System.nanoTime(), 50)));
    assertThat(status(late.transaction())).isEqualTo(TransactionStatus.IN_PROGRESS);
    // Readers do not wait for it.
    server.get(SHARD, now(server), List.of(Harness.key(1)), soon());
    harness.log(SHARD).releaseCommits();
    assertCode(ErrorCode.SERIALIZATION_FAILURE, () -> server.commit(late, soon()));
    assertThat(status(late.transaction())).isEqualTo(TransactionStatus.ABORTED);
  }

  @Test
  void whoeverComesFirstWins() throws Exception {
    var random = new Random(SEED);
    var requests = new ArrayList<CommitRequest>();
    var commits = new ArrayList<CompletableFuture<Boolean>>();
    var answers = new ArrayList<CompletableFuture<TransactionStatus>>();
    for (int i = 0; i < 300; i++) {
      CommitRequest request = request(i);
      requests.add(request);
      var commit = new CompletableFuture<Boolean>();
      var answer = new CompletableFuture<TransactionStatus>();
      commits.add(commit);
      answers.add(answer);
      List<Runnable> both =
          new ArrayList<>(
              List.of(
                  () -> {
                    try {
                      commit.complete(server.commit(request, soon()) != null);
                    } catch (SheafException e) {
                      commit.complete(false);
                    }
                  },
                  () -> answer.complete(status(request.transaction()))));
      java.util.Collections.shuffle(both, random);
      both.forEach(Thread::startVirtualThread);
    }
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < requests.size(); i++) {
        boolean committed = commits.get(i).get(20, TimeUnit.SECONDS);
        TransactionStatus told = answers.get(i).get(20, TimeUnit.SECONDS);
        TransactionStatus now = status(requests.get(i).transaction());
        assertThat(now)
            .as("seed %s", SEED)
            .isEqualTo(committed ? TransactionStatus.COMMITTED : TransactionStatus.ABORTED);
        if (told != TransactionStatus.IN_PROGRESS) {
          assertThat(told).as("seed %s", SEED).isEqualTo(now);
        }
      }
      failOver(round == 1);
    }
  }
}
