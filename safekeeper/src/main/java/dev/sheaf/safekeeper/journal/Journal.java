package dev.sheaf.safekeeper.journal;

import dev.sheaf.log.AcceptorState;
import dev.sheaf.log.Change;
import dev.sheaf.log.NodeId;
import dev.sheaf.log.RecordFrame;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.safekeeper.journal.ExtentIndex.Extent;
import dev.sheaf.safekeeper.journal.JournalRecovery.Recovered;
import dev.sheaf.safekeeper.journal.JournalStorage.JournalFile;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The journal of one safekeeper disk. Thread-safe.
 *
 * <p>One writer thread takes all that waits, writes it, fsyncs once, and only then completes the
 * submissions; meanwhile the next group gathers. A failing write or fsync is the end: nothing that
 * waits or comes later is ever called durable, and the fatal handler is expected to end the
 * process.
 *
 * <p>A full disk is not the end. Records that do not fit are refused with 53100, and with them all
 * that was submitted for their log since, because it builds on them, up to {@link #resume}; new
 * records are refused beforehand while there is no room. Control states go to a file kept in
 * reserve, and what they let be forgotten makes room.
 */
public final class Journal implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Journal.class.getName());
  private static final long GROUP_BYTES = 8L << 20;
  private static final int READ_ATTEMPTS = 3;

  /** Told once, on the writer's thread, which it must not hold up. */
  public interface Completion {
    /**
     * @param failure null when everything submitted up to here is durable
     */
    void done(@Nullable SheafException failure);
  }

  /**
   * @param resumes whether the log's records are taken again from here on
   */
  private record Submission(
      ShardId log, List<Change> changes, long bytes, boolean resumes, Completion completion) {}

  private final JournalStorage storage;
  private final JournalSettings settings;
  private final JournaledLogs logs;
  private final FileSupply supply;
  private final JournalWriter writer;
  private final Reclaimer reclaimer;
  private final Consumer<Throwable> fatal;
  private final Thread thread;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  // Guarded by the lock:
  private List<Submission> queue = new ArrayList<>();

  /** What the writer's thread has taken and not completed. */
  private List<Submission> inFlight = List.of();

  /** Logs whose records did not fit. Changed by the writer's thread. */
  private final Set<ShardId> refused = ConcurrentHashMap.newKeySet();

  private long reservedBytes;

  /** Why records did not fit; null once there seems to be room. */
  private @Nullable SheafException full;

  private boolean writing;
  private boolean closing;
  private @Nullable SheafException failure;

  private Journal(
      JournalStorage storage,
      JournalSettings settings,
      Recovered recovered,
      FileSupply supply,
      JournalWriter writer,
      ThreadFactory threads,
      Consumer<Throwable> fatal) {
    this.storage = storage;
    this.settings = settings;
    this.logs = recovered.logs();
    this.supply = supply;
    this.writer = writer;
    this.reclaimer = new Reclaimer(storage, writer, logs);
    this.fatal = fatal;
    this.thread = threads.newThread(this::write);
  }

  /**
   * Recovers a journal, or begins a new one in empty storage.
   *
   * @param node the safekeeper; a journal of another one is refused
   * @param newJournal random id, not 0, used if there is no journal yet: the incarnation by which
   *     logs tell this journal from one that was lost
   * @param threads makes the writer's thread, and those that make files ahead; nothing else may
   *     interrupt them
   * @param fatal called when a write or fsync failed; production halts the process
   * @throws SheafException XX001 naming file and offset of damage, 58030 when the disk fails
   */
  public static Journal open(
      JournalStorage storage,
      JournalSettings settings,
      NodeId node,
      long newJournal,
      ThreadFactory threads,
      Consumer<Throwable> fatal) {
    try {
      Recovered recovered = new JournalRecovery(storage).run();
      FileSupply supply = FileSupply.open(storage, settings.fileBytes(), threads);
      var writer = new JournalWriter(storage, supply, settings, node, newJournal, recovered);
      var journal = new Journal(storage, settings, recovered, supply, writer, threads, fatal);
      journal.thread.start();
      return journal;
    } catch (NoRoomException e) {
      throw new SheafException(ErrorCode.DISK_FULL, "no room for the journal: " + e.getMessage(), e)
          .withHint("Make room for a few files of the journal, then start again.");
    } catch (IOException e) {
      throw new SheafException(
          ErrorCode.IO_ERROR, "the journal cannot be opened: " + e.getMessage(), e);
    }
  }

  /** The id that this journal was created with. */
  public long incarnation() {
    return writer.journal();
  }

  /** The durable state of every log. */
  public Map<ShardId, AcceptorState> states() {
    Map<ShardId, AcceptorState> states = new TreeMap<>();
    for (JournaledLog log : logs.all()) {
      AcceptorState state = log.state();
      if (state != null) {
        states.put(log.shard(), state);
      }
    }
    return states;
  }

  /**
   * Takes room for records that will be submitted; {@link #submit} gives it back when they are
   * durable, {@link #release} if there is nothing to submit after all.
   *
   * @throws SheafException 53400 too many bytes wait for the disk, 53100 too many are held
   */
  public void reserve(long bytes) {
    if (bytes == 0) {
      return; // what frees room must not be refused for want of it
    }
    lock.lock();
    try {
      checkRoom();
      if (reservedBytes > 0 && reservedBytes + bytes > settings.queueBytes()) {
        throw new SheafException(
                ErrorCode.CONFIGURATION_LIMIT_EXCEEDED,
                reservedBytes + " bytes wait for the safekeeper's disk")
            .withHint("Try again later; a faster disk or fewer writers help if this lasts.");
      }
      if (logs.liveBytes() + reservedBytes + bytes > settings.liveBytes()) {
        throw new SheafException(
                ErrorCode.DISK_FULL,
                "the safekeeper's journal holds "
                    + logs.liveBytes()
                    + " bytes that no manifest covers yet")
            .withHint("Page servers must be able to publish to the object store: check both.");
      }
      reservedBytes += bytes;
    } finally {
      lock.unlock();
    }
  }

  /** Under the lock. Asks the disk only after it was full. */
  private void checkRoom() {
    if (full == null) {
      return;
    }
    try {
      if (!supply.hasRoom()) {
        throw full;
      }
      full = null;
    } catch (IOException e) {
      throw new SheafException(ErrorCode.IO_ERROR, "the journal's disk does not answer", e);
    }
  }

  public void release(long bytes) {
    lock.lock();
    try {
      reservedBytes -= bytes;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Appends changes of one log. Submissions become durable in the order of the calls; one without
   * changes waits for those before it.
   *
   * @param reserved what was reserved for it
   * @param completion told of 53100 if the records, or others of this log that came before, did not
   *     fit: nothing of it is stored then, nor of what follows for this log up to {@link #resume}
   */
  public void submit(ShardId log, List<Change> changes, long reserved, Completion completion) {
    submit(new Submission(log, changes, reserved, false, completion));
  }

  /**
   * Whoever submits for a log that was refused has gone back to its {@linkplain #state durable
   * state}: what is submitted from now on builds on that.
   */
  public void resume(ShardId log) {
    submit(new Submission(log, List.of(), 0, true, failure -> {}));
  }

  private void submit(Submission submission) {
    SheafException failed;
    lock.lock();
    try {
      failed = failure;
      // What was refused is not durable, and a reply may rest on it.
      boolean idle = queue.isEmpty() && !writing && !refused.contains(submission.log);
      boolean barrier = submission.changes.isEmpty() && !submission.resumes;
      if (failed == null && !(barrier && idle)) {
        queue.add(submission);
        arrived.signal();
        return;
      }
    } finally {
      lock.unlock();
    }
    submission.completion.done(failed);
  }

  /** The durable state of one log. */
  public AcceptorState state(ShardId shard) {
    JournaledLog log = logs.find(shard);
    AcceptorState state = log == null ? null : log.state();
    return state == null ? AcceptorState.NEW : state;
  }

  /**
   * Reads whole records.
   *
   * @return frames from {@code begin} on, below {@code end}: as many as fit but at least one; empty
   *     if the log ends at {@code begin}
   * @throws SheafException 72000 forgotten, XX001 damaged, naming the file; 58030 the disk fails
   */
  public byte[] read(ShardId shard, Lsn begin, Lsn end, int maxBytes) {
    JournaledLog log = logs.find(shard);
    if (log == null) {
      return new byte[0];
    }
    byte[] bytes = readBytes(log, begin.value(), end.value(), Math.max(maxBytes, 1));
    int whole = RecordFrame.wholeFrames(bytes);
    if (whole == 0 && bytes.length > 0) {
      byte[] header = readBytes(log, begin.value(), end.value(), RecordFrame.HEADER_BYTES);
      long size = header.length < RecordFrame.HEADER_BYTES ? 0 : RecordFrame.frameBytes(header);
      // A damaged length must not become an allocation.
      long limit = RecordFrame.sizeBytes(RecordFrame.MAX_PAYLOAD_BYTES);
      bytes = readBytes(log, begin.value(), end.value(), Math.min(size, limit));
      whole = bytes.length;
    }
    byte[] frames = Arrays.copyOf(bytes, whole);
    try {
      RecordFrame.check(begin, frames);
    } catch (SheafException damaged) {
      long address = log.locate(begin.value(), end.value(), 1).getFirst().address();
      throw new SheafException(
          damaged.code(),
          "%s, from %s on: %s".formatted(shard, Address.describe(address), damaged.message()));
    }
    return frames;
  }

  private byte[] readBytes(JournaledLog log, long begin, long end, long maxBytes) {
    IOException last = null;
    for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
      try {
        List<Extent> extents = log.locate(begin, end, maxBytes);
        ByteBuffer bytes = ByteBuffer.allocate(extents.stream().mapToInt(Extent::length).sum());
        for (Extent extent : extents) {
          String name = FileHeader.name(Address.file(extent.address()));
          try (JournalFile file = storage.open(name)) {
            bytes.put(file.read(Address.offset(extent.address()), extent.length()));
          }
        }
        // A file that was recycled since may have been written over while it was read.
        if (extents.stream().allMatch(each -> logs.hasFile(Address.file(each.address())))) {
          return bytes.array();
        }
      } catch (NoSuchFileException e) {
        last = e; // reclaimed since: the records lie elsewhere now, or are forgotten
      } catch (IOException e) {
        throw new SheafException(ErrorCode.IO_ERROR, "the journal cannot be read", e);
      }
    }
    throw new SheafException(ErrorCode.IO_ERROR, "the journal cannot be read", last);
  }

  /** Bytes of records held for all logs together. */
  public long liveBytes() {
    return logs.liveBytes();
  }

  /** Writes what waits, then stops. Submissions from now on fail with 57P01. */
  @Override
  public void close() {
    lock.lock();
    try {
      closing = true;
      arrived.signal();
    } finally {
      lock.unlock();
    }
    boolean interrupted = false;
    supply.close();
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true; // the disk's last word is worth waiting for
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- the writer's thread

  private void write() {
    try {
      reclaimer.run();
      supply.replenish();
      for (List<Submission> group = take(); !group.isEmpty(); group = take()) {
        List<Submission> unwritten = new ArrayList<>();
        for (Submission each : group) {
          if (!append(each)) {
            unwritten.add(each);
          }
        }
        writer.commit();
        complete(group, unwritten);
        reclaimer.run();
      }
      writer.close();
      fail(new SheafException(ErrorCode.ADMIN_SHUTDOWN, "the safekeeper is shutting down"));
    } catch (Throwable e) {
      fail(new SheafException(ErrorCode.IO_ERROR, "the safekeeper's journal failed", e));
      fatal.accept(e);
    }
  }

  /** False if there was no room for it, or for what it builds on. */
  private boolean append(Submission submission) throws IOException {
    if (submission.resumes) {
      refused.remove(submission.log);
    }
    if (refused.contains(submission.log)) {
      return false;
    }
    try {
      for (Change change : submission.changes) {
        writer.append(submission.log, change);
      }
      return true;
    } catch (NoRoomException e) {
      refused.add(submission.log);
      SheafException error =
          new SheafException(ErrorCode.DISK_FULL, "no room for the journal: " + e.getMessage(), e)
              .withHint(
                  "Make room on the safekeeper's disk; it goes on by itself then. Page servers must"
                      + " be able to publish to the object store, or the log cannot be forgotten.");
      lock.lock();
      try {
        if (full == null) {
          LOG.log(Level.ERROR, "{0}; records are refused until there is room", e.getMessage());
        }
        full = error;
      } finally {
        lock.unlock();
      }
      return false;
    }
  }

  /** The next submissions; none when closing and all is written. */
  private List<Submission> take() {
    lock.lock();
    try {
      writing = false;
      while (queue.isEmpty() && !closing) {
        arrived.awaitUninterruptibly();
      }
      long bytes = 0;
      int count = 0;
      while (count < queue.size() && (count == 0 || bytes < GROUP_BYTES)) {
        bytes += queue.get(count++).bytes;
      }
      List<Submission> group = List.copyOf(queue.subList(0, count));
      queue = new ArrayList<>(queue.subList(count, queue.size()));
      writing = !group.isEmpty();
      inFlight = group;
      return group;
    } finally {
      lock.unlock();
    }
  }

  private void complete(List<Submission> group, List<Submission> unwritten) {
    SheafException noRoom;
    lock.lock();
    try {
      group.forEach(each -> reservedBytes -= each.bytes);
      inFlight = List.of();
      noRoom = full;
    } finally {
      lock.unlock();
    }
    if (unwritten.isEmpty()) {
      group.forEach(each -> tell(each, null));
      return;
    }
    SheafException error =
        noRoom == null
            ? new SheafException(ErrorCode.DISK_FULL, "the safekeeper's disk was full")
            : noRoom;
    Set<Submission> failed = Collections.newSetFromMap(new IdentityHashMap<>());
    failed.addAll(unwritten);
    group.forEach(each -> tell(each, failed.contains(each) ? error : null));
  }

  private void fail(SheafException why) {
    List<Submission> lost = new ArrayList<>();
    lock.lock();
    try {
      failure = why;
      lost.addAll(inFlight);
      lost.addAll(queue);
      inFlight = List.of();
      queue = new ArrayList<>();
    } finally {
      lock.unlock();
    }
    lost.forEach(each -> tell(each, why));
  }

  /** Whoever waits may have trouble of its own; the disk is none the worse for it. */
  private static void tell(Submission submission, @Nullable SheafException why) {
    try {
      submission.completion.done(why);
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "a reply for " + submission.log + " could not be given", e);
    }
  }
}
