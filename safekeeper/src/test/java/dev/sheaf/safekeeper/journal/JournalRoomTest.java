package dev.sheaf.safekeeper.journal;

import static dev.sheaf.safekeeper.journal.JournalFixture.A;
import static dev.sheaf.safekeeper.journal.JournalFixture.B;
import static dev.sheaf.safekeeper.journal.JournalFixture.assertCode;
import static dev.sheaf.safekeeper.journal.JournalFixture.assertHolds;
import static dev.sheaf.safekeeper.journal.JournalFixture.submit;
import static dev.sheaf.safekeeper.journal.JournalFixture.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.sheaf.log.Change;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.safekeeper.journal.JournalFixture.Model;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How much the journal takes, and what it does when there is no more. */
final class JournalRoomTest {
  private final JournalFixture journals = new JournalFixture();

  @Test
  void oldFilesAreDeletedAlsoWhenOneLogStalls() throws Exception {
    MemoryStorage storage = new MemoryStorage();
    Journal journal = journals.open(storage);
    Model stalled = new Model();
    Model busy = new Model();
    write(journal, A, stalled.control(1), stalled.append("stalled 1"));
    write(journal, B, busy.control(1));
    for (int i = 0; i < 400; i++) {
      if (i == 200) {
        write(journal, A, stalled.append("stalled 2"));
      }
      write(journal, B, busy.append("x".repeat(150)));
      write(journal, B, busy.cut(busy.records.lastKey(), busy.state.end()));
      assertThat(storage.totalBytes()).isLessThan(11 * 2048);
    }
    journal.close();
    journal = journals.open(storage);
    assertHolds(journal, Map.of(A, stalled, B, busy));
    write(journal, A, stalled.append("stalled 3"));
    for (int i = 0; i < 5; i++) {
      journal.close();
      journal = journals.open(storage);
    }
    assertHolds(journal, Map.of(A, stalled, B, busy));
    journal.close();
    assertThat(storage.journalFiles()).hasSizeLessThan(8);
  }

  @Test
  void whatWaitsAndWhatIsHeldIsBounded() throws Exception {
    MemoryStorage storage = new MemoryStorage();
    try (Journal journal = journals.open(storage, new JournalSettings(2048, 1000, 3000))) {
      journal.reserve(900);
      assertCode(ErrorCode.CONFIGURATION_LIMIT_EXCEEDED, () -> journal.reserve(101));
      journal.reserve(100);
      journal.release(1000);
      Model a = new Model();
      write(journal, A, a.control(1));
      while (journal.liveBytes() < 2900) {
        write(journal, A, a.append("x".repeat(192)));
      }
      assertCode(ErrorCode.DISK_FULL, () -> journal.reserve(200));
      write(journal, A, a.cut(a.records.lastKey(), a.state.end()));
      journal.reserve(200);
      journal.release(200);
    }
  }

  /** Votes and permissions to forget take no room: they must get through when there is none. */
  @Test
  void whatTakesNoRoomIsNeverRefusedForWantOfIt() throws Exception {
    MemoryStorage storage = new MemoryStorage();
    Model a = new Model();
    try (Journal journal = journals.open(storage, new JournalSettings(2048, 1000, 3000))) {
      write(journal, A, a.control(1));
      write(journal, A, a.append("x".repeat(600)));
    }
    try (Journal journal = journals.open(storage, new JournalSettings(2048, 1000, 300))) {
      assertCode(ErrorCode.DISK_FULL, () -> journal.reserve(1));
      journal.reserve(0);
    }
  }

  @Test
  void sparesAreMadeAgainAfterAnError() throws Exception {
    MemoryStorage storage = new MemoryStorage();
    storage.failCreates(2);
    var errors = new ConcurrentLinkedQueue<Throwable>();
    ThreadFactory threads =
        Thread.ofVirtual().uncaughtExceptionHandler((thread, e) -> errors.add(e)).factory();
    try (FileSupply supply = FileSupply.open(storage, 2048, threads)) {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (storage.totalBytes() < 3 * 2048) {
        assertThat(System.nanoTime()).as("spares are there").isLessThan(deadline);
        supply.replenish();
        Thread.sleep(1);
      }
    }
    assertThat(errors).hasSize(2).hasOnlyElementsOfType(OutOfMemoryError.class);
    assertThat(storage.totalBytes()).isEqualTo(3 * 2048);
  }

  /** Fills the disk through log A; the last record of the model is the last that was taken. */
  private static void fill(Journal journal, Model a) throws Exception {
    for (int i = 0; i < 100; i++) {
      Model before = a.copy();
      try {
        journal.reserve(200);
        journal.release(200);
        write(journal, A, a.append("x".repeat(192)));
      } catch (SheafException | ExecutionException e) {
        a.state = before.state;
        a.records.clear();
        a.records.putAll(before.records);
        Throwable cause = e instanceof ExecutionException ? e.getCause() : e;
        assertThat(((SheafException) cause).code()).isEqualTo(ErrorCode.DISK_FULL);
        return;
      }
    }
    fail("the disk did not become full");
  }

  @Test
  void aFullDiskRefusesRecordsKeepsVotesAndReadsAndGoesOnWhenThereIsRoom() throws Exception {
    MemoryStorage storage = new MemoryStorage();
    storage.limitBytes(7 * 2048);
    Model a = new Model();
    Model b = new Model();
    Journal journal = journals.open(storage);
    write(journal, A, a.control(1));
    fill(journal, a);
    for (int term = 1; term <= 10; term++) {
      write(journal, B, b.control(term));
    }
    assertHolds(journal, Map.of(A, a, B, b));
    Change late = a.copy().append("late");
    assertCode(ErrorCode.DISK_FULL, () -> journal.reserve(100));
    assertCode(ErrorCode.DISK_FULL, () -> submit(journal, A, late).get(20, TimeUnit.SECONDS));
    assertCode(
        ErrorCode.DISK_FULL,
        () -> submit(journal, A, a.copy().control(5)).get(20, TimeUnit.SECONDS));
    journal.resume(A);
    write(journal, A, a.control(2));
    journal.close();
    // It starts again as it is, and forgetting makes room even though the disk has none.
    Journal again = journals.open(storage);
    assertHolds(again, Map.of(A, a, B, b));
    for (int i = 0; i < 3; i++) {
      write(again, A, a.cut(a.records.lastKey(), a.state.end()));
      fill(again, a);
      again.resume(A);
      assertHolds(again, Map.of(A, a, B, b));
    }
    storage.limitBytes(Long.MAX_VALUE);
    again.reserve(100);
    again.release(100);
    write(again, A, a.append("there is room"));
    assertHolds(again, Map.of(A, a, B, b));
    again.close();
    assertThat(journals.fatal).isEmpty();
  }
}
