package dev.sheaf.testkit.coordination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.coordination.Coordination.Entry;
import dev.sheaf.coordination.embedded.EmbeddedCoordination;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FolderCoordinationTest extends CoordinationContract {
  @TempDir Path folder;

  @Override
  protected Coordination open() {
    return reopen(folder.resolve("facts"));
  }

  private static Coordination reopen(Path at) {
    return EmbeddedCoordination.open(at, System::nanoTime, Thread::startVirtualThread);
  }

  @Test
  void factsOutliveTheProcessAndLeasesDoNot() {
    put("a", "1");
    put("b", "1");
    put("onceAFact", "1");
    var lease = facts.grantLease(10_000);
    facts.commit(
        List.of(), List.of(new Change("onceAFact", "2", lease), new Change("leased", "1", lease)));
    facts.commit(List.of(), List.of(Change.delete("b")));
    Entry a = facts.get("a").orElseThrow();

    facts = open();

    assertThat(facts.list("")).containsExactly(a);
    put("c", "1");
    assertThat(revisionOf("c")).isGreaterThan(a.modRevision() + 3);
  }

  @Test
  void snapshotsReplaceTheJournal() throws IOException {
    String large = "x".repeat(60_000);
    for (int i = 0; i < 50; i++) {
      put("k" + i % 7, large + i);
    }
    List<Entry> before = facts.list("");
    assertThat(Files.size(folder.resolve("facts/facts.journal"))).isLessThan(1 << 20);

    facts = open();

    assertThat(facts.list("")).isEqualTo(before);
    Files.delete(folder.resolve("facts/facts.snapshot"));
    assertDamaged(folder.resolve("facts"));
  }

  @Test
  void aTornTailIsCutAndAFlippedBitIsNot() throws IOException {
    put("a", "1");
    put("b", "22");
    put("c", "333");
    List<Entry> all = facts.list("");
    facts.close();
    byte[] whole = Files.readAllBytes(folder.resolve("facts/facts.journal"));

    for (int length = 0; length < whole.length; length++) {
      assertPrefix(all, Arrays.copyOf(whole, length));
      byte[] zeroed = Arrays.copyOf(Arrays.copyOf(whole, length), whole.length);
      if (length > lastRecord(whole)) {
        assertPrefix(all, zeroed);
      }
    }
    for (int bit = 0; bit < whole.length * 8; bit++) {
      byte[] flipped = whole.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      assertDamaged(withJournal(flipped));
    }
  }

  @Test
  void whoOnlyReadsSeesWhatWasAnsweredAndChangesNothing() throws IOException {
    put("a", "1");
    put("b", "22");
    List<Entry> all = facts.list("");
    facts.close();
    Path journal = folder.resolve("facts/facts.journal");
    byte[] whole = Files.readAllBytes(journal);
    assertReadOnly(folder.resolve("facts"), all);
    for (int length = 0; length < whole.length; length++) {
      byte[] torn = Arrays.copyOf(whole, length);
      Path copy = withJournal(torn);
      try (var read = readOnly(copy)) {
        List<Entry> found = read.list("");
        assertThat(found).isEqualTo(all.subList(0, found.size()));
      }
      assertThat(copy.resolve("facts.journal")).hasBinaryContent(torn);
    }
    whole[20] ^= 1;
    Path damaged = withJournal(whole);
    assertThatThrownBy(() -> readOnly(damaged))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DATA_CORRUPTED));
    Path none = folder.resolve("none");
    assertThatThrownBy(() -> readOnly(none))
        .isInstanceOfSatisfying(
            SheafException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.OBJECT_NOT_IN_PREREQUISITE_STATE));
    assertThat(none).doesNotExist();

    facts = open();
    for (int i = 0; i < 50; i++) {
      put("k" + i % 3, "x".repeat(60_000));
    }
    List<Entry> many = facts.list("");
    facts.close();
    assertThat(folder.resolve("facts/facts.snapshot")).exists();
    assertReadOnly(folder.resolve("facts"), many);
  }

  private static Coordination readOnly(Path at) {
    return EmbeddedCoordination.readOnly(at, System::nanoTime, Runnable::run);
  }

  private static void assertReadOnly(Path at, List<Entry> all) throws IOException {
    byte[] before = Files.readAllBytes(at.resolve("facts.journal"));
    try (var read = readOnly(at)) {
      assertThat(read.list("")).isEqualTo(all);
      List<ThrowingCallable> changes =
          List.of(
              () -> read.commit(List.of(), List.of(Change.put("z", "1"))),
              () -> read.grantLease(1_000));
      for (ThrowingCallable change : changes) {
        assertThatThrownBy(change)
            .isInstanceOfSatisfying(
                SheafException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.READ_ONLY_SQL_TRANSACTION));
      }
    }
    assertThat(at.resolve("facts.journal")).hasBinaryContent(before);
  }

  /** Where the last of three records begins: header 12, records of length + 13 bytes. */
  private static int lastRecord(byte[] journal) {
    int at = 12;
    for (int i = 0; i < 2; i++) {
      at += 13 + journal[at + 3];
    }
    return at;
  }

  private void assertPrefix(List<Entry> all, byte[] journal) throws IOException {
    try (var reopened = reopen(withJournal(journal))) {
      List<Entry> found = reopened.list("");
      assertThat(found).isEqualTo(all.subList(0, found.size()));
      assertThat(reopened.commit(List.of(), List.of(Change.put("z", "1")))).isTrue();
    }
  }

  private static void assertDamaged(Path folder) {
    assertThatThrownBy(() -> reopen(folder))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DATA_CORRUPTED))
        .hasMessageContaining("facts.");
  }

  private Path withJournal(byte[] content) throws IOException {
    Path copy = Files.createDirectories(folder.resolve("copy"));
    Files.write(copy.resolve("facts.journal"), content);
    return copy;
  }
}
