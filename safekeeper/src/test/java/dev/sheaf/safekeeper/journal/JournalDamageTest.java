package dev.sheaf.safekeeper.journal;

import static dev.sheaf.safekeeper.journal.JournalFixture.A;
import static dev.sheaf.safekeeper.journal.JournalFixture.B;
import static dev.sheaf.safekeeper.journal.JournalFixture.assertHolds;
import static dev.sheaf.safekeeper.journal.JournalFixture.records;
import static dev.sheaf.safekeeper.journal.JournalFixture.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.safekeeper.journal.JournalFixture.Model;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Bytes that are not as they were written: harmless or named, never data. */
final class JournalDamageTest {
  private final JournalFixture journals = new JournalFixture();

  /**
   * A journal of two files whose every write was acknowledged, as the death of the process left it.
   */
  private MemoryStorage acknowledged(Model a, Model b) throws Exception {
    MemoryStorage storage = new MemoryStorage();
    Journal journal = journals.open(storage, new JournalSettings(1024, 4096, 1 << 20));
    write(journal, A, a.control(1));
    write(journal, B, b.control(2));
    for (int i = 0; i < 6; i++) {
      write(journal, A, a.append("a" + i), a.append("aa" + i));
      write(journal, B, b.append("b" + i));
    }
    MemoryStorage left = storage.copy();
    assertThat(left.journalFiles()).hasSizeGreaterThan(1);
    journal.close();
    return left;
  }

  /** Opens a damaged copy: all that was acknowledged is there, or the damage is named. */
  private void assertWholeOrNamed(MemoryStorage damaged, Map<ShardId, Model> models, String what) {
    try (Journal journal = journals.open(damaged)) {
      assertHolds(journal, models);
    } catch (SheafException e) {
      assertThat(e.code()).as(what).isEqualTo(ErrorCode.DATA_CORRUPTED);
      assertThat(e.message()).as(what).contains("journal");
    } catch (AssertionError e) {
      throw new AssertionError(what, e);
    }
  }

  @Test
  void aFlippedBitAnywhereIsHarmlessOrNamed() throws Exception {
    Model a = new Model();
    Model b = new Model();
    MemoryStorage left = acknowledged(a, b);
    for (String name : left.journalFiles()) {
      byte[] bytes = left.bytes(name);
      for (int at = 0; at < bytes.length; at++) {
        byte[] flipped = bytes.clone();
        flipped[at] ^= (byte) (1 << at % 8);
        MemoryStorage damaged = left.copy();
        damaged.put(name, flipped);
        assertWholeOrNamed(damaged, Map.of(A, a, B, b), name + " flipped at " + at);
      }
    }
  }

  @Test
  void aCutAnywhereIsNamed() throws Exception {
    Model a = new Model();
    Model b = new Model();
    MemoryStorage left = acknowledged(a, b);
    for (String name : left.journalFiles()) {
      byte[] bytes = left.bytes(name);
      for (int length = 0; length < bytes.length; length++) {
        MemoryStorage damaged = left.copy();
        damaged.put(name, Arrays.copyOf(bytes, length));
        assertThatThrownBy(() -> journals.open(damaged))
            .as("%s cut to %s", name, length)
            .isInstanceOfSatisfying(
                SheafException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DATA_CORRUPTED))
            .hasMessageContaining(name);
      }
      MemoryStorage without = left.copy();
      without.delete(name);
      if (!name.equals(left.journalFiles().getFirst())) {
        assertWholeOrNamed(without, Map.of(A, a, B, b), "without " + name);
      }
    }
  }

  /** Zeros from some place on: only a suffix may be missing, and never with a hole. */
  @Test
  void zerosFromAnywhereOnLoseAtMostASuffix() throws Exception {
    Model a = new Model();
    Model b = new Model();
    MemoryStorage left = acknowledged(a, b);
    String name = left.journalFiles().getLast();
    byte[] bytes = left.bytes(name);
    for (int from = FileHeader.BYTES; from < bytes.length; from++) {
      byte[] zeroed = bytes.clone();
      Arrays.fill(zeroed, from, zeroed.length, (byte) 0);
      MemoryStorage damaged = left.copy();
      damaged.put(name, zeroed);
      try (Journal journal = journals.open(damaged)) {
        for (var each : Map.of(A, a, B, b).entrySet()) {
          TreeMap<Lsn, String> found = records(journal, each.getKey());
          Lsn end = journal.states().get(each.getKey()).end();
          assertThat(found).isEqualTo(new TreeMap<>(each.getValue().records.headMap(end)));
        }
      }
    }
  }
}
