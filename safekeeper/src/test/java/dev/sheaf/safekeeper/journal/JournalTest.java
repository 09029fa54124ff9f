package dev.sheaf.safekeeper.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.sheaf.log.AcceptorState;
import dev.sheaf.log.Change;
import dev.sheaf.log.Configuration;
import dev.sheaf.log.Member;
import dev.sheaf.log.NodeId;
import dev.sheaf.log.RecordFrame;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class JournalTest {
  private static final NodeId NODE = new NodeId("sk-1");
  private static final JournalSettings SMALL = new JournalSettings(2048, 4096, 1 << 20);
  private static final ShardId A = new ShardId(new DatabaseId("a"), 0);
  private static final ShardId B = new ShardId(new DatabaseId("b"), 7);

  private final List<Throwable> fatal = new ArrayList<>();

  private Journal open(MemoryStorage storage, JournalSettings settings) {
    return Journal.open(
        storage,
        settings,
        NODE,
        4711,
        task -> {
          Thread thread = new Thread(task, "journal");
          thread.setDaemon(true);
          return thread;
        },
        fatal::add);
  }

  private Journal open(MemoryStorage storage) {
    return open(storage, SMALL);
  }

  /** What one log must hold, as a test remembers it. */
  private static final class Model {
    AcceptorState state = AcceptorState.NEW;
    final TreeMap<Lsn, String> records = new TreeMap<>();

    Change control(long term) {
      return save(
          new AcceptorState(
              new Term(term),
              term,
              Configuration.of(1, List.of(new Member(NODE, 4711))),
              state.history().extend(new Term(term), state.end()),
              state.start(),
              state.end(),
              state.commit()));
    }

    Change save(AcceptorState next) {
      state = next;
      records.tailMap(next.end()).clear();
      records.headMap(next.start()).clear();
      return new Change.Save(next);
    }

    Change cut(Lsn start, Lsn end) {
      return save(
          new AcceptorState(
              state.promised(),
              state.candidate(),
              state.configuration(),
              state.history(),
              start,
              end,
              start));
    }

    Change append(String record) {
      Lsn begin = state.end();
      byte[] frame = RecordFrame.encode(begin, record.getBytes(UTF_8));
      records.put(begin, record);
      state =
          new AcceptorState(
              state.promised(),
              state.candidate(),
              state.configuration(),
              state.history(),
              state.start(),
              begin.plus(frame.length),
              state.commit());
      return new Change.Write(begin, frame, state.commit());
    }

    Model copy() {
      Model copy = new Model();
      copy.state = state;
      copy.records.putAll(records);
      return copy;
    }
  }

  private static CompletableFuture<Void> submit(Journal journal, ShardId log, Change... changes) {
    CompletableFuture<Void> future = new CompletableFuture<>();
    journal.submit(
        log,
        List.of(changes),
        0,
        failure -> {
          if (failure == null) {
            future.complete(null);
          } else {
            future.completeExceptionally(failure);
          }
        });
    return future;
  }

  private static void write(Journal journal, ShardId log, Change... changes) throws Exception {
    submit(journal, log, changes).get(20, TimeUnit.SECONDS);
  }

  private static TreeMap<Lsn, String> records(Journal journal, ShardId log) {
    TreeMap<Lsn, String> records = new TreeMap<>();
    AcceptorState state = journal.states().getOrDefault(log, AcceptorState.NEW);
    Lsn at = state.start();
    while (at.isBefore(state.end())) {
      byte[] frames = journal.read(log, at, state.end(), 100);
      RecordFrame.forEach(
          at, frames, (start, end, payload) -> records.put(start, new String(payload, UTF_8)));
      at = at.plus(frames.length);
    }
    return records;
  }

  private static void assertHolds(Journal journal, Map<ShardId, Model> models) {
    models.forEach((log, model) -> {
      assertThat(journal.states().get(log)).isEqualTo(model.state);
      assertThat(records(journal, log)).isEqualTo(model.records);
    });
  }

  @Test
  void restartKeepsVotesHistoryRecordsCutsAndStarts() throws Exception {
    MemoryStorage storage = new MemoryStorage();
    Model a = new Model();
    Model b = new Model();
    Journal journal = open(storage);
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
      journal = open(storage);
    }
    assertHolds(journal, Map.of(A, a, B, b));
    assertThatThrownBy(() -> journalRead(storage, A, Lsn.ZERO))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SNAPSHOT_TOO_OLD));
    journal.close();
  }

  private byte[] journalRead(MemoryStorage storage, ShardId log, Lsn begin) {
    try (Journal journal = open(storage.copy())) {
      return journal.read(log, begin, new Lsn(Long.MAX_VALUE), 100);
    }
  }

  /**
   * A journal of two files whose every write was acknowledged, as the death of the process left it.
   */
  private MemoryStorage acknowledged(Model a, Model b) throws Exception {
    MemoryStorage storage = new MemoryStorage();
    Journal journal = open(storage, new JournalSettings(1024, 4096, 1 << 20));
    write(journal, A, a.control(1));
    write(journal, B, b.control(2));
    for (int i = 0; i < 6; i++) {
      write(journal, A, a.append("a" + i), a.append("aa" + i));
      write(journal, B, b.append("b" + i));
    }
    MemoryStorage left = storage.copy();
    assertThat(left.list()).hasSizeGreaterThan(1);
    journal.close();
    return left;
  }

  /** Opens a damaged copy: all that was acknowledged is there, or the damage is named. */
  private void assertWholeOrNamed(MemoryStorage damaged, Map<ShardId, Model> models, String what) {
    try (Journal journal = open(damaged)) {
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
    for (String name : left.list()) {
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
    for (String name : left.list()) {
      byte[] bytes = left.bytes(name);
      for (int length = 0; length < bytes.length; length++) {
        MemoryStorage damaged = left.copy();
        damaged.put(name, Arrays.copyOf(bytes, length));
        assertThatThrownBy(() -> open(damaged))
            .as("%s cut to %s", name, length)
            .isInstanceOfSatisfying(
                SheafException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DATA_CORRUPTED))
            .hasMessageContaining(name);
      }
      MemoryStorage without = left.copy();
      without.delete(name);
      if (!name.equals(left.list().getFirst())) {
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
    String name = left.list().getLast();
    byte[] bytes = left.bytes(name);
    for (int from = FileHeader.BYTES; from < bytes.length; from++) {
      byte[] zeroed = bytes.clone();
      Arrays.fill(zeroed, from, zeroed.length, (byte) 0);
      MemoryStorage damaged = left.copy();
      damaged.put(name, zeroed);
      try (Journal journal = open(damaged)) {
        for (var each : Map.of(A, a, B, b).entrySet()) {
          TreeMap<Lsn, String> found = records(journal, each.getKey());
          Lsn end = journal.states().get(each.getKey()).end();
          assertThat(found).isEqualTo(new TreeMap<>(each.getValue().records.headMap(end)));
        }
      }
    }
  }

  @Test
  void aCrashLosesNothingThatWasAcknowledged() throws Exception {
    for (long seed = 1; seed <= 120; seed++) {
      try {
        crashAndRecover(seed);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
    assertThat(fatal).isEmpty();
  }

  private void crashAndRecover(long seed) throws Exception {
    Random random = new Random(seed);
    JournalSettings settings = new JournalSettings(1024 + random.nextInt(2048), 1 << 20, 1 << 20);
    MemoryStorage storage = new MemoryStorage();
    Model model = new Model();
    List<Model> acknowledged = new ArrayList<>(List.of(model.copy()));
    for (int life = 0; life < 4; life++) {
      Journal journal = open(storage, settings);
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
    try (Journal journal = open(storage, settings)) {
      assertThat(records(journal, A)).isEqualTo(model.records);
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
    try (Journal journal = open(storage, settings)) {
      AcceptorState state = journal.states().getOrDefault(A, AcceptorState.NEW);
      TreeMap<Lsn, String> found = records(journal, A);
      for (int i = steps.size() - 1; i >= Math.max(0, certain); i--) {
        if (steps.get(i).state.equals(state) && steps.get(i).records.equals(found)) {
          return steps.get(i);
        }
      }
      return fail("acknowledged step %d is lost; found %s %s", certain, state, found);
    }
  }

  @Test
  void aFailedFsyncIsTheEndAndNothingAfterItIsAcknowledged() throws Exception {
    for (int n = 1; n < 8; n++) {
      fatal.clear();
      MemoryStorage storage = new MemoryStorage();
      Journal journal = open(storage);
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
      assertThat(fatal).hasSize(1);
    }
  }

  @Test
  void manyLogsShareAnFsync() throws Exception {
    MemoryStorage storage = new MemoryStorage();
    try (Journal journal = open(storage, JournalSettings.DEFAULT)) {
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
    try (Journal journal = open(storage)) {
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
  void oldFilesAreDeletedAlsoWhenOneLogStalls() throws Exception {
    MemoryStorage storage = new MemoryStorage();
    Journal journal = open(storage);
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
      assertThat(storage.totalBytes()).isLessThan(8 * 2048);
    }
    journal.close();
    journal = open(storage);
    assertHolds(journal, Map.of(A, stalled, B, busy));
    write(journal, A, stalled.append("stalled 3"));
    for (int i = 0; i < 5; i++) {
      journal.close();
      journal = open(storage);
    }
    assertHolds(journal, Map.of(A, stalled, B, busy));
    journal.close();
    assertThat(storage.list()).hasSizeLessThan(8);
  }

  @Test
  void whatWaitsAndWhatIsHeldIsBounded() throws Exception {
    MemoryStorage storage = new MemoryStorage();
    try (Journal journal = open(storage, new JournalSettings(2048, 1000, 3000))) {
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
    try (Journal journal = open(storage, new JournalSettings(2048, 1000, 3000))) {
      write(journal, A, a.control(1));
      write(journal, A, a.append("x".repeat(600)));
    }
    try (Journal journal = open(storage, new JournalSettings(2048, 1000, 300))) {
      assertCode(ErrorCode.DISK_FULL, () -> journal.reserve(1));
      journal.reserve(0);
    }
  }

  private static void assertCode(ErrorCode code, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(SheafException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @Test
  void recordsLargerThanABufferAndAFile() throws Exception {
    MemoryStorage storage = new MemoryStorage();
    Model a = new Model();
    try (Journal journal = open(storage)) {
      write(journal, A, a.control(1), a.append("small"), a.append("L".repeat(3 << 20)));
      write(journal, A, a.append("after"));
    }
    try (Journal journal = open(storage)) {
      assertHolds(journal, Map.of(A, a));
    }
  }

  @Test
  void anotherSafekeepersJournalIsRefused() {
    MemoryStorage storage = new MemoryStorage();
    open(storage).close();
    assertThatThrownBy(
            () -> Journal.open(storage, SMALL, new NodeId("sk-2"), 1, Thread::new, fatal::add))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("sk-1");
  }
}
