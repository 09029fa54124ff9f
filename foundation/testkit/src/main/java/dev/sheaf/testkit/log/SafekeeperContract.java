package dev.sheaf.testkit.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.log.Configuration;
import dev.sheaf.log.Member;
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
import dev.sheaf.rpc.log.SafekeeperService;
import dev.sheaf.rpc.log.SafekeeperService.ReadRange;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What every safekeeper promises, in process or behind a network. */
public abstract class SafekeeperContract {
  private static final Configuration CONFIGURATION = configuration(1, "a:1", "b:1", "c:1");
  private static final ShardId LOG = new ShardId(new DatabaseId("db"), 3);

  /** A safekeeper that has heard of no log. */
  protected abstract SafekeeperService service();

  private static Configuration configuration(long generation, String... members) {
    return Configuration.of(generation, Stream.of(members).map(Member::parse).toList());
  }

  private long incarnation() throws Exception {
    return get(service().incarnation(soon()));
  }

  private static Deadline soon() {
    return Deadline.after(System.nanoTime(), 20_000);
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  private static Request.Vote vote(long term) {
    return new Request.Vote(new Term(term), term * 1000, CONFIGURATION);
  }

  private static Request.Elected elected(long term, long at, TermHistory history) {
    return new Request.Elected(
        new Term(term),
        term * 1000,
        CONFIGURATION,
        new Lsn(at),
        Lsn.ZERO,
        history.extend(new Term(term), new Lsn(at)));
  }

  private static Request.Append append(long term, long begin, String... records) {
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    for (String record : records) {
      Lsn lsn = new Lsn(begin + frames.size());
      frames.writeBytes(RecordFrame.encode(lsn, record.getBytes(UTF_8)));
    }
    return new Request.Append(
        new Term(term), term * 1000, 1, new Lsn(begin), frames.toByteArray(), Lsn.ZERO);
  }

  private static List<String> records(long begin, byte[] frames) {
    List<String> records = new ArrayList<>();
    RecordFrame.forEach(
        new Lsn(begin), frames, (start, end, payload) -> records.add(new String(payload, UTF_8)));
    return records;
  }

  private static void assertCode(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(SheafException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  private List<String> read(long term, long begin, long end, int maxBytes) throws Exception {
    var range = new ReadRange(new Term(term), new Lsn(begin), new Lsn(end), maxBytes);
    return records(begin, get(service().read(LOG, range, soon())));
  }

  private Reply synced(long term, long flush, long start) throws Exception {
    return new Reply.Synced(new Term(term), incarnation(), 1, new Lsn(flush), new Lsn(start));
  }

  private Reply blank(long term) throws Exception {
    return new Reply.Standing(
        new Term(term), term * 1000, incarnation(), Lsn.ZERO, Lsn.ZERO, TermHistory.EMPTY);
  }

  @Test
  public void electsAppendsReadsAndForgets() throws Exception {
    SafekeeperService service = service();
    assertThat(get(service.request(LOG, vote(1), soon()))).isEqualTo(blank(1));
    assertThat(get(service.request(LOG, elected(1, 0, TermHistory.EMPTY), soon())))
        .isEqualTo(synced(1, 0, 0));
    // Lengths 11, 11, 13: positions 0, 11, 22, 35.
    assertThat(get(service.request(LOG, append(1, 0, "one", "two"), soon())))
        .isEqualTo(synced(1, 22, 0));
    assertThat(get(service.request(LOG, append(1, 22, "three"), soon())))
        .isEqualTo(synced(1, 35, 0));
    assertThat(read(1, 0, 35, 1000)).containsExactly("one", "two", "three");
    assertThat(read(1, 11, 35, 20)).containsExactly("two");
    assertThat(read(1, 11, 35, 1)).containsExactly("two");
    assertThat(read(1, 11, 22, 1000)).containsExactly("two");
    assertThat(read(1, 35, 1000, 1000)).isEmpty();
    Request forget = new Request.Forget(new Term(1), 1000, 1, new Lsn(35), new Lsn(22));
    assertThat(get(service.request(LOG, forget, soon()))).isEqualTo(synced(1, 35, 22));
    assertCode(ErrorCode.SNAPSHOT_TOO_OLD, () -> read(1, 0, 35, 1000));
    assertThat(read(1, 22, 35, 1000)).containsExactly("three");
  }

  @Test
  public void aGreaterTermCutsTheTailAndFences() throws Exception {
    SafekeeperService service = service();
    get(service.request(LOG, vote(1), soon()));
    get(service.request(LOG, elected(1, 0, TermHistory.EMPTY), soon()));
    get(service.request(LOG, append(1, 0, "kept", "cut"), soon()));
    Reply.Standing standing = (Reply.Standing) get(service.request(LOG, vote(5), soon()));
    assertThat(standing.flush()).isEqualTo(new Lsn(23));
    assertCode(ErrorCode.OBJECT_NOT_IN_PREREQUISITE_STATE, () -> read(5, 0, 23, 1000));
    assertThat(get(service.request(LOG, append(1, 23, "late"), soon())))
        .isEqualTo(new Reply.Refused(new Term(5), 5000, 1));
    assertThat(get(service.request(LOG, elected(5, 12, standing.history()), soon())))
        .isEqualTo(synced(5, 12, 0));
    get(service.request(LOG, append(5, 12, "new"), soon()));
    assertThat(read(5, 0, 100, 1000)).containsExactly("kept", "new");
  }

  @Test
  public void logsAreApartAndTakeManyAppendsAtOnce() throws Exception {
    SafekeeperService service = service();
    List<ShardId> logs = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      ShardId log = new ShardId(new DatabaseId("db-" + i), i);
      logs.add(log);
      get(service.request(log, vote(i + 1), soon()));
      get(service.request(log, elected(i + 1, 0, TermHistory.EMPTY), soon()));
    }
    for (int round = 0; round < 50; round++) {
      List<CompletableFuture<Reply>> replies = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        Request append = append(i + 1, 11L * round, i + "%02d".formatted(round));
        replies.add(service.request(logs.get(i), append, soon()));
      }
      for (int i = 0; i < 8; i++) {
        assertThat(get(replies.get(i))).isEqualTo(synced(i + 1, 11L * (round + 1), 0));
      }
    }
    for (int i = 0; i < 8; i++) {
      ReadRange all = new ReadRange(new Term(i + 1), Lsn.ZERO, new Lsn(550), 10_000);
      List<String> records = records(0, get(service.read(logs.get(i), all, soon())));
      assertThat(records).hasSize(50).startsWith(i + "00").endsWith(i + "49");
    }
  }

  @Test
  public void damagedFramesAreRefusedAndNothingIsWritten() throws Exception {
    SafekeeperService service = service();
    get(service.request(LOG, vote(1), soon()));
    get(service.request(LOG, elected(1, 0, TermHistory.EMPTY), soon()));
    Request.Append append = append(1, 0, "one");
    byte[] flipped = append.frames().clone();
    flipped[9] ^= 4;
    for (byte[] frames : List.of(flipped, Arrays.copyOf(append.frames(), 10))) {
      Request damaged = new Request.Append(new Term(1), 1000, 1, Lsn.ZERO, frames, Lsn.ZERO);
      assertCode(ErrorCode.DATA_CORRUPTED, () -> get(service.request(LOG, damaged, soon())));
    }
    assertThat(get(service.request(LOG, append, soon()))).isEqualTo(synced(1, 11, 0));
  }

  @Test
  public void aNewerConfigurationIsStoredAndOlderOnesAreRefused() throws Exception {
    SafekeeperService service = service();
    get(service.request(LOG, vote(1), soon()));
    get(service.request(LOG, elected(1, 0, TermHistory.EMPTY), soon()));
    get(service.request(LOG, append(1, 0, "one"), soon()));
    Configuration joint = CONFIGURATION.joint(configuration(1, "a:1", "b:1", "d:1").members());
    Request configure = new Request.Configure(new Term(1), 1000, joint);
    Reply stored = new Reply.Synced(new Term(1), incarnation(), 2, new Lsn(11), Lsn.ZERO);
    assertThat(get(service.request(LOG, configure, soon()))).isEqualTo(stored);
    assertThat(get(service.request(LOG, configure, soon()))).as("repeated").isEqualTo(stored);
    assertThat(get(service.request(LOG, append(1, 11, "two"), soon())))
        .isEqualTo(new Reply.Refused(new Term(1), 1000, 2));
    assertThat(get(service.request(LOG, vote(2), soon())))
        .as("a candidate that has not heard of the change")
        .isEqualTo(new Reply.Refused(new Term(1), 1000, 2));
  }

  @Test
  public void whoIsAMemberNoMoreDropsTheLogOnce() throws Exception {
    SafekeeperService service = service();
    get(service.request(LOG, vote(1), soon()));
    get(service.request(LOG, elected(1, 0, TermHistory.EMPTY), soon()));
    get(service.request(LOG, append(1, 0, "one"), soon()));
    Configuration without = configuration(3, "b:1", "c:1", "d:1");
    Request retire = new Request.Retire(new Term(1), 1000, without);
    assertThat(get(service.request(LOG, retire, soon()))).isEqualTo(blank(1));
    assertThat(get(service.request(LOG, vote(2), soon())))
        .as("what it stays out of is not forgotten")
        .isEqualTo(new Reply.Refused(new Term(1), 1000, 3));
    // It comes again, and an old request to drop the log with it.
    TermHistory history = TermHistory.EMPTY.extend(new Term(1), Lsn.ZERO);
    Request elected = new Request.Elected(new Term(1), 1000, without, Lsn.ZERO, Lsn.ZERO, history);
    get(service.request(LOG, elected, soon()));
    Request append =
        new Request.Append(
            new Term(1), 1000, 3, Lsn.ZERO, append(1, 0, "again").frames(), Lsn.ZERO);
    get(service.request(LOG, append, soon()));
    get(service.request(LOG, retire, soon()));
    assertThat(read(1, 0, 100, 1000)).containsExactly("again");
  }
}
