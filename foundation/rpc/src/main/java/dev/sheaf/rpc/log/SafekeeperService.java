package dev.sheaf.rpc.log;

import dev.sheaf.log.Reply;
import dev.sheaf.log.Request;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Term;
import java.util.concurrent.CompletableFuture;

/**
 * One safekeeper: an acceptor for each log it has ever been asked about. Thread-safe; no method
 * blocks.
 *
 * <p>Futures fail with {@link dev.sheaf.protocol.error.SheafException}: 53400 too many bytes wait
 * for the disk and 53100 the journal is full (nothing was written), XX001 damaged bytes, 57P01
 * shutting down, 58030 the other side cannot be reached, 57014 the deadline passed. After the last
 * two the request may or may not have been carried out: every request may be repeated.
 */
public interface SafekeeperService {

  /**
   * Carries out one request of the log protocol. Requests for one log are carried out in call order
   * if they come from one thread; append requests that arrive while the disk is busy share its next
   * fsync.
   *
   * @return completes once everything that the reply says is fsynced
   */
  CompletableFuture<Reply> request(ShardId log, Request request, Deadline deadline);

  /**
   * Reads whole records, for a follower of the same leader that lacks them or for the replay.
   *
   * @return whole {@link dev.sheaf.log.RecordFrame frames} from {@code range.begin} on: at least
   *     one, and no more than fit; empty if the log ends at {@code begin}. Fails with 55000 if this
   *     acceptor does not follow the term's leader, 72000 if the records are forgotten
   */
  CompletableFuture<byte[]> read(ShardId log, ReadRange range, Deadline deadline);

  /**
   * The id of the journal behind this safekeeper. It is drawn when the journal is created: another
   * one than before means that everything was lost, and that no log may count on it as if it were
   * still the {@linkplain dev.sheaf.log.Member member} that it was.
   */
  CompletableFuture<Long> incarnation(Deadline deadline);

  /**
   * @param term of the reading leader
   * @param begin start of a record
   * @param end read no record that starts here or later
   * @param maxBytes size of the answer, unless the first record alone is larger
   */
  record ReadRange(Term term, Lsn begin, Lsn end, int maxBytes) {}
}
