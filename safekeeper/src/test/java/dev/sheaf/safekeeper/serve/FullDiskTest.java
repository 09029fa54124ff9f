package dev.sheaf.safekeeper.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.log.Configuration;
import dev.sheaf.log.Member;
import dev.sheaf.log.NodeId;
import dev.sheaf.log.RecordFrame;
import dev.sheaf.log.Reply;
import dev.sheaf.log.Request;
import dev.sheaf.log.TermHistory;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.log.SafekeeperService.ReadRange;
import dev.sheaf.safekeeper.journal.Journal;
import dev.sheaf.safekeeper.journal.JournalSettings;
import dev.sheaf.safekeeper.journal.MemoryStorage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A safekeeper whose disk is full: refuses records, does all the rest, and says nothing untrue. */
final class FullDiskTest {
  private static final ShardId LOG = ShardId.root(new DatabaseId("db"));
  private static final int FILE_BYTES = 4096;
  private static final int RECORD_BYTES = 100;
  private static final Configuration ONE =
      Configuration.of(1, List.of(new Member(new NodeId("a"), 1)));

  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final MemoryStorage storage = new MemoryStorage();
  private final List<Throwable> fatal = new ArrayList<>();
  private Safekeeper safekeeper = open();

  private Safekeeper open() {
    Journal journal =
        Journal.open(
            storage,
            new JournalSettings(FILE_BYTES, 1 << 20, 1 << 20),
            new NodeId("a"),
            1,
            Thread.ofPlatform().name("journal").daemon().factory(),
            fatal::add);
    return new Safekeeper(journal, executor);
  }

  @AfterEach
  void close() {
    safekeeper.close();
    executor.close();
    assertThat(fatal).isEmpty();
  }

  private static Deadline soon() {
    return Deadline.after(System.nanoTime(), 20_000);
  }

  private CompletableFuture<Reply> send(Request request) {
    return safekeeper.request(LOG, request, soon());
  }

  private Reply.Synced synced(Request request) throws Exception {
    return (Reply.Synced) send(request).get(20, TimeUnit.SECONDS);
  }

  private Reply.Standing lead(long term) throws Exception {
    var vote = new Request.Vote(new Term(term), term, ONE);
    var standing = (Reply.Standing) send(vote).get(20, TimeUnit.SECONDS);
    TermHistory history = standing.history().extend(new Term(term), standing.flush());
    synced(new Request.Elected(new Term(term), term, ONE, standing.flush(), Lsn.ZERO, history));
    return standing;
  }

  private static Request append(long term, Lsn begin) {
    byte[] frame = RecordFrame.encode(begin, new byte[RECORD_BYTES - RecordFrame.HEADER_BYTES]);
    return new Request.Append(new Term(term), term, 1, begin, frame, Lsn.ZERO);
  }

  /** Sends records without waiting for replies; returns the end of what was acknowledged. */
  private Lsn fill(long term, Lsn from) throws Exception {
    Lsn acknowledged = from;
    Lsn at = from;
    boolean refused = false;
    for (int round = 0; round < 40 && !refused; round++) {
      List<CompletableFuture<Reply>> replies = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        replies.add(send(append(term, at)));
        at = at.plus(RECORD_BYTES);
      }
      for (CompletableFuture<Reply> reply : replies) {
        try {
          Lsn flush = ((Reply.Synced) reply.get(20, TimeUnit.SECONDS)).flush();
          acknowledged = acknowledged.isBefore(flush) ? flush : acknowledged;
        } catch (ExecutionException e) {
          assertThat(((SheafException) e.getCause()).code()).isEqualTo(ErrorCode.DISK_FULL);
          refused = true;
        }
      }
    }
    assertThat(refused).isTrue();
    return acknowledged;
  }

  @Test
  void recordsAreRefusedVotesAndReadsAreNotAndAllGoesOnWithRoom() throws Exception {
    storage.limitBytes(7 * FILE_BYTES);
    lead(1);
    Lsn end = fill(1, Lsn.ZERO);
    assertThat(lead(2).flush()).as("exactly what was acknowledged").isEqualTo(end);
    assertThatThrownBy(() -> send(append(2, end)).get(20, TimeUnit.SECONDS))
        .cause()
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DISK_FULL));
    ReadRange all = new ReadRange(new Term(2), Lsn.ZERO, end, 1 << 20);
    assertThat(safekeeper.read(LOG, all, soon()).get(20, TimeUnit.SECONDS))
        .hasSize((int) end.value());

    safekeeper.close();
    safekeeper = open();
    assertThat(lead(3).flush()).as("and after a restart").isEqualTo(end);

    // Forgetting makes room on the disk as it is.
    synced(new Request.Forget(new Term(3), 3, 1, end, end));
    Lsn later = fill(3, end);
    assertThat(later).isGreaterThan(end);

    storage.limitBytes(Long.MAX_VALUE);
    assertThat(synced(append(3, later)).flush()).isEqualTo(later.plus(RECORD_BYTES));
  }
}
