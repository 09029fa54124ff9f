package dev.sheaf.safekeeper.journal;

import static dev.sheaf.safekeeper.journal.JournalFixture.A;
import static dev.sheaf.safekeeper.journal.JournalFixture.records;
import static dev.sheaf.safekeeper.journal.JournalFixture.submit;
import static dev.sheaf.safekeeper.journal.JournalFixture.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.sheaf.log.AcceptorState;
import dev.sheaf.log.Change;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.safekeeper.journal.JournalFixture.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a crash or a failing disk leaves: all that was acknowledged. */
final class JournalCrashTest {
  private final JournalFixture journals = new JournalFixture();

  @Test
  void aCrashLosesNothingThatWasAcknowledged() throws Exception {
    for (long seed = 1; seed <= 120; seed++) {
      try {
        crashAndRecover(seed);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
    assertThat(journals.fatal).isEmpty();
  }

  private void crashAndRecover(long seed) throws Exception {
    Random random = new Random(seed);
    JournalSettings settings = new JournalSettings(1024 + random.nextInt(2048), 1 << 20, 1 << 20);
    MemoryStorage storage = new MemoryStorage();
    Model model = new Model();
    List<Model> acknowledged = new ArrayList<>(List.of(model.copy()));
    for (int life = 0; life < 4; life++) {
      Journal journal = journals.open(storage, settings);
      int before = acknowledged.size();
      List<CompletableFuture<Void>> futures = new ArrayList<>();
      int steps = random.nextInt(40);
      int crashAt = random.nextInt(steps + 1);
      MemoryStorage crashed = null;
      int certain = 0;
      for (int i = 0; i < steps; i++) {
        if (i == crashAt) {
          long done = futures.stream().filter(CompletableFuture::isDone).count();
          certain = before - 1 + (int) done;
          crashed = storage.crash(random);
        }
        futures.add(submit(journal, A, randomChange(random, model)));
        acknowledged.add(model.copy());
        if (random.nextInt(3) > 0) {
          futures.getLast().get(20, TimeUnit.SECONDS);
        }
      }
      journal.close();
      if (crashed != null && random.nextBoolean()) {
        storage = crashed;
        model = recoverOne(storage, settings, acknowledged, certain);
        acknowledged = new ArrayList<>(List.of(model.copy()));
      }
    }
    try (Journal journal = journals.open(storage, settings)) {
      assertThat(records(journal, A)).isEqualTo(model.records);
    }
  }

  /**
   * The process dies in the middle of an fsync, or because one failed, also while it starts; it is
   * started again, and now and then power is lost in between. What it found at a start it may have
   * told others of, so that must not be lost any more either.
   */
  @Test
  void whatARestartFoundIsNotLostByTheNextLossOfPower() throws Exception {
    for (long seed = 1; seed <= 400; seed++) {
      try {
        restartAndLosePower(seed);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  private void restartAndLosePower(long seed) throws Exception {
    Random random = new Random(seed);
    JournalSettings settings = new JournalSettings(1024 + random.nextInt(1024), 1 << 20, 1 << 20);
    MemoryStorage storage = new MemoryStorage();
    List<Model> steps = new ArrayList<>(List.of(new Model()));
    int certain = 0;
    for (int life = 0; life < 8; life++) {
      storage.failForce(1 + random.nextInt(15), random.nextBoolean());
      try (Journal journal = journals.open(storage, settings)) {
        Model model = find(journal, steps, certain).copy();
        steps = new ArrayList<>(List.of(model.copy()));
        certain = 0;
        for (int i = 0; i < 40; i++) {
          CompletableFuture<Void> future = submit(journal, A, randomChange(random, model));
          steps.add(model.copy());
          future.get(20, TimeUnit.SECONDS);
          certain = steps.size() - 1;
        }
      } catch (SheafException | ExecutionException died) {
        assertThat(died).hasStackTraceContaining("fsync");
      }
      if (random.nextBoolean()) {
        storage = storage.crash(random);
      }
    }
    storage.mendForces();
    try (Journal journal = journals.open(storage, settings)) {
      Model _ = find(journal, steps, certain);
    }
  }

  private static Change randomChange(Random random, Model model) {
    List<Lsn> starts = List.copyOf(model.records.keySet());
    int dice = random.nextInt(20);
    if (model.state.promised().equals(Term.NONE) || dice == 0) {
      return model.control(model.state.promised().value() + 1);
    }
    if (dice == 1 && !starts.isEmpty()) {
      return model.cut(starts.get(random.nextInt(starts.size())), model.state.end());
    }
    if (dice == 2 && !starts.isEmpty()) {
      return model.cut(model.state.start(), starts.get(random.nextInt(starts.size())));
    }
    return model.append("r" + random.nextInt(1000) + "x".repeat(random.nextInt(200)));
  }

  /** What is found must be the state after some step that is not before the last certain one. */
  private Model recoverOne(
      MemoryStorage storage, JournalSettings settings, List<Model> steps, int certain) {
    try (Journal journal = journals.open(storage, settings)) {
      return find(journal, steps, certain);
    }
  }

  private static Model find(Journal journal, List<Model> steps, int certain) {
    AcceptorState state = journal.states().getOrDefault(A, AcceptorState.NEW);
    TreeMap<Lsn, String> found = records(journal, A);
    for (int i = steps.size() - 1; i >= Math.max(0, certain); i--) {
      if (steps.get(i).state.equals(state) && steps.get(i).records.equals(found)) {
        return steps.get(i);
      }
    }
    return fail("acknowledged step %d is lost; found %s %s", certain, state, found);
  }

  @Test
  void aFailedFsyncIsTheEndAndNothingAfterItIsAcknowledged() throws Exception {
    for (int n = 1; n < 8; n++) {
      journals.fatal.clear();
      MemoryStorage storage = new MemoryStorage();
      Journal journal = journals.open(storage);
      Model a = new Model();
      write(journal, A, a.control(1));
      storage.failForce(n);
      int acknowledged = 0;
      for (int i = 0; i < 60; i++) {
        CompletableFuture<Void> future = submit(journal, A, a.append("record " + i));
        try {
          future.get(20, TimeUnit.SECONDS);
          acknowledged++;
        } catch (ExecutionException e) {
          assertThat(e.getCause()).isInstanceOf(SheafException.class);
        }
      }
      assertThat(acknowledged).isLessThan(n);
      journal.close();
      assertThat(journals.fatal).hasSize(1);
    }
  }
}
