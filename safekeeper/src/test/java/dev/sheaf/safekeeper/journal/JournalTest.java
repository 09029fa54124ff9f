package dev.sheaf.safekeeper.journal;

import static dev.sheaf.safekeeper.journal.JournalFixture.A;
import static dev.sheaf.safekeeper.journal.JournalFixture.B;
import static dev.sheaf.safekeeper.journal.JournalFixture.SMALL;
import static dev.sheaf.safekeeper.journal.JournalFixture.assertHolds;
import static dev.sheaf.safekeeper.journal.JournalFixture.submit;
import static dev.sheaf.safekeeper.journal.JournalFixture.write;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.log.NodeId;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.safekeeper.journal.JournalFixture.Model;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class JournalTest {
  private final JournalFixture journals = new JournalFixture();

  @Test
  void restartKeepsVotesHistoryRecordsCutsAndStarts() throws Exception {
    MemoryStorage storage = new MemoryStorage();
    Model a = new Model();
    Model b = new Model();
    Journal journal = journals.open(storage);
    write(journal, A, a.control(3));
    write(journal, B, b.control(1), b.append("b-1"));
    write(journal, A, a.append("one"), a.append("two"), a.append("three"));
    Lsn afterOne = new Lsn(11);
    for (int restart = 0; restart < 5; restart++) {
      assertHolds(journal, Map.of(A, a, B, b));
      if (restart == 1) {
        write(journal, A, a.cut(Lsn.ZERO, new Lsn(22)), a.control(9), a.append("new three"));
      }
      if (restart == 2) {
        write(journal, A, a.cut(afterOne, a.state.end()));
        write(journal, B, b.cut(new Lsn(500), new Lsn(500)), b.append("after a jump"));
      }
      write(journal, B, b.append("restart " + restart));
      journal.close();
      journal = journals.open(storage);
    }
    assertHolds(journal, Map.of(A, a, B, b));
    assertThatThrownBy(() -> journalRead(storage, A, Lsn.ZERO))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SNAPSHOT_TOO_OLD));
    journal.close();
  }

  private byte[] journalRead(MemoryStorage storage, ShardId log, Lsn begin) {
    try (Journal journal = journals.open(storage.copy())) {
      return journal.read(log, begin, new Lsn(Long.MAX_VALUE), 100);
    }
  }

  @Test
  void manyLogsShareAnFsync() throws Exception {
    MemoryStorage storage = new MemoryStorage();
    try (Journal journal = journals.open(storage, JournalSettings.DEFAULT)) {
      Model[] models = new Model[50];
      List<CompletableFuture<Void>> futures = new ArrayList<>();
      for (int i = 0; i < models.length; i++) {
        models[i] = new Model();
        ShardId log = new ShardId(new DatabaseId("db"), i);
        futures.add(submit(journal, log, models[i].control(1), models[i].append("record")));
      }
      CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new)).get(20, TimeUnit.SECONDS);
      assertThat(storage.forces()).isLessThan(40);
    }
  }

  @Test
  void aSubmissionWithoutChangesWaitsForThoseBeforeIt() throws Exception {
    MemoryStorage storage = new MemoryStorage();
    try (Journal journal = journals.open(storage)) {
      storage.holdForces();
      CompletableFuture<Void> change = submit(journal, A, new Model().control(1));
      CompletableFuture<Void> barrier = submit(journal, A);
      assertThat(barrier).as("what it reports is not durable yet").isNotDone();
      storage.releaseForces();
      barrier.get(20, TimeUnit.SECONDS);
      assertThat(change).isCompleted();
      assertThat(submit(journal, A)).succeedsWithin(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void anEntryIsValidInItsPlaceOnly() {
    ByteBuffer bytes = ByteBuffer.allocate(64);
    EntryFrame.encode(
        bytes, 1, Address.of(2, 0), 9, EntryFrame.Type.RECLAIMED, "12345".getBytes(UTF_8));
    byte[] file = bytes.array();
    assertThat(EntryFrame.read(file, 1, 2, 0))
        .isEqualTo(new EntryFrame.Found(EntryFrame.Type.RECLAIMED, 5, 9, 0));
    assertThat(EntryFrame.read(file, 1, 3, 0)).as("of another file").isNull();
    assertThat(EntryFrame.read(file, 7, 2, 0)).as("of another journal").isNull();
    byte[] shifted = new byte[72];
    System.arraycopy(file, 0, shifted, 8, 64);
    assertThat(EntryFrame.read(shifted, 1, 2, 8)).as("at another offset").isNull();
  }

  @Test
  void recordsLargerThanABufferAndAFile() throws Exception {
    MemoryStorage storage = new MemoryStorage();
    Model a = new Model();
    try (Journal journal = journals.open(storage)) {
      write(journal, A, a.control(1), a.append("small"), a.append("L".repeat(3 << 20)));
      write(journal, A, a.append("after"));
    }
    try (Journal journal = journals.open(storage)) {
      assertHolds(journal, Map.of(A, a));
    }
  }

  @Test
  void anotherSafekeepersJournalIsRefused() {
    MemoryStorage storage = new MemoryStorage();
    journals.open(storage).close();
    assertThatThrownBy(() ->
            Journal.open(storage, SMALL, new NodeId("sk-2"), 1, Thread::new, journals.fatal::add))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("sk-1");
  }
}
