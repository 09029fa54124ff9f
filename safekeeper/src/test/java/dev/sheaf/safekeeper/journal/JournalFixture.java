package dev.sheaf.safekeeper.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Journals in memory, and what their logs must hold. */
final class JournalFixture {
  static final NodeId NODE = new NodeId("sk-1");
  static final long INCARNATION = 4711;
  static final JournalSettings SMALL = new JournalSettings(2048, 4096, 1 << 20);
  static final ShardId A = new ShardId(new DatabaseId("a"), 0);
  static final ShardId B = new ShardId(new DatabaseId("b"), 7);

  /** What the journals' fatal handlers were told. */
  final List<Throwable> fatal = Collections.synchronizedList(new ArrayList<>());

  Journal open(MemoryStorage storage, JournalSettings settings) {
    return Journal.open(
        storage,
        settings,
        NODE,
        INCARNATION,
        task -> {
          Thread thread = new Thread(task, "journal");
          thread.setDaemon(true);
          return thread;
        },
        fatal::add);
  }

  Journal open(MemoryStorage storage) {
    return open(storage, SMALL);
  }

  /** What one log must hold, as a test remembers it. */
  static final class Model {
    AcceptorState state = AcceptorState.NEW;
    final TreeMap<Lsn, String> records = new TreeMap<>();

    Change control(long term) {
      return save(
          new AcceptorState(
              new Term(term),
              term,
              Configuration.of(1, List.of(new Member(NODE, INCARNATION))),
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

  static CompletableFuture<Void> submit(Journal journal, ShardId log, Change... changes) {
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

  static void write(Journal journal, ShardId log, Change... changes) throws Exception {
    submit(journal, log, changes).get(20, TimeUnit.SECONDS);
  }

  static TreeMap<Lsn, String> records(Journal journal, ShardId log) {
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

  static void assertHolds(Journal journal, Map<ShardId, Model> models) {
    models.forEach((log, model) -> {
      assertThat(journal.states().get(log)).isEqualTo(model.state);
      assertThat(records(journal, log)).isEqualTo(model.records);
    });
  }

  static void assertCode(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .satisfies(thrown -> {
          Throwable error = thrown instanceof ExecutionException ? thrown.getCause() : thrown;
          assertThat(error)
              .isInstanceOfSatisfying(
                  SheafException.class, e -> assertThat(e.code()).isEqualTo(code));
        });
  }
}
