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
import dev.sheaf.rpc.log.SafekeeperService;
import dev.sheaf.safekeeper.journal.DiskStorage;
import dev.sheaf.safekeeper.journal.Journal;
import dev.sheaf.safekeeper.journal.JournalSettings;
import dev.sheaf.testkit.log.SafekeeperContract;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract in process, on a real disk. */
final class SafekeeperTest extends SafekeeperContract {
  private static final ShardId LOG = new ShardId(new DatabaseId("db"), 0);

  @TempDir private Path directory;
  private ExecutorService executor;
  private final List<Throwable> fatal = new ArrayList<>();
  private DiskStorage storage;
  private Safekeeper safekeeper;

  @BeforeEach
  void open() throws Exception {
    executor = Executors.newVirtualThreadPerTaskExecutor();
    storage = new DiskStorage(directory);
    Journal journal =
        Journal.open(
            storage,
            JournalSettings.DEFAULT,
            new NodeId("a"),
            1,
            Thread.ofPlatform().name("journal").factory(),
            fatal::add);
    safekeeper = new Safekeeper(journal, executor);
  }

  @AfterEach
  void close() throws Exception {
    safekeeper.close();
    storage.close();
    executor.close();
    assertThat(fatal).isEmpty();
  }

  @Override
  protected SafekeeperService service() {
    return safekeeper;
  }

  private Reply request(Request request) throws Exception {
    return safekeeper
        .request(LOG, request, Deadline.after(System.nanoTime(), 20_000))
        .get(20, TimeUnit.SECONDS);
  }

  @Test
  void restartKeepsPromisesHistoryAndRecords() throws Exception {
    Configuration one = Configuration.of(1, List.of(new Member(new NodeId("a"), 1)));
    TermHistory history = TermHistory.EMPTY.extend(new Term(4), Lsn.ZERO);
    byte[] frame = RecordFrame.encode(Lsn.ZERO, new byte[12]);
    request(new Request.Vote(new Term(4), 44, one));
    request(new Request.Elected(new Term(4), 44, one, Lsn.ZERO, Lsn.ZERO, history));
    request(new Request.Append(new Term(4), 44, 1, Lsn.ZERO, frame, Lsn.ZERO));
    request(new Request.Vote(new Term(7), 77, one));
    close();
    open();
    assertThat(request(new Request.Vote(new Term(7), 78, one)))
        .as("the term was promised to another")
        .isEqualTo(new Reply.Refused(new Term(7), 77, 1));
    assertThat(request(new Request.Append(new Term(4), 44, 1, new Lsn(20), frame, Lsn.ZERO)))
        .as("the lower term stays fenced")
        .isEqualTo(new Reply.Refused(new Term(7), 77, 1));
    assertThat(request(new Request.Vote(new Term(7), 77, one)))
        .isEqualTo(
            new Reply.Standing(
                new Term(7), 77, 1, new Lsn(20), Lsn.ZERO, history.forgetBelow(Lsn.ZERO)));
  }

  @Test
  void oneProcessHasTheDirectory() {
    assertThatThrownBy(() -> new DiskStorage(directory)).hasMessageContaining("another process");
  }
}
