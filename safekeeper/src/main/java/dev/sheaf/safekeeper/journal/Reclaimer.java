package dev.sheaf.safekeeper.journal;

import dev.sheaf.log.AcceptorState;
import dev.sheaf.log.Change;
import dev.sheaf.log.RecordFrame;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.safekeeper.journal.ExtentIndex.Extent;
import dev.sheaf.safekeeper.journal.JournalStorage.JournalFile;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;

/**
 * Deletes the oldest files of a journal. Control state that was last stored in one is stored again;
 * records of logs whose owners have published nothing for long are copied to the end, once the
 * files take more than twice what is needed, so that one stalled log cannot keep the others' files.
 * Used by the writer's thread.
 */
final class Reclaimer {
  private static final Logger LOG = System.getLogger(Reclaimer.class.getName());

  private final JournalStorage storage;
  private final JournalWriter writer;
  private final JournaledLogs logs;

  /** A file with damaged records stays as it is: what can be read of it must stay readable. */
  private boolean blocked;

  Reclaimer(JournalStorage storage, JournalWriter writer, JournaledLogs logs) {
    this.storage = storage;
    this.writer = writer;
    this.logs = logs;
  }

  /** Deletes files that hold no record needed, and moves the records of at most one that does. */
  void run() throws IOException {
    boolean moved = false;
    List<FileHeader> files = writer.files();
    while (!blocked && files.size() > 1) {
      boolean empty = logs.liveBytes(files.getFirst().sequence()) == 0;
      if (!empty && (moved || !isWorthMoving(files))) {
        return;
      }
      moved |= !empty;
      if (!reclaimOldest(files.getFirst().sequence())) {
        return;
      }
      files = writer.files();
    }
  }

  /** On a full disk the copies would take what is held back for control states. */
  private boolean isWorthMoving(List<FileHeader> files) throws IOException {
    long diskBytes = files.stream().mapToLong(FileHeader::sizeBytes).sum();
    return files.size() > JournalSettings.SLACK_FILES
        && logs.liveBytes() < diskBytes / 2
        && writer.hasRoom();
  }

  /** False if the file has to stay: what is needed of it cannot be read, or has no other place. */
  private boolean reclaimOldest(long sequence) throws IOException {
    try {
      if (!moveNeeded(sequence)) {
        writer.commit();
        return false;
      }
      writer.reclaimed(sequence + 1);
    } catch (NoRoomException e) {
      writer.commit();
      return false;
    }
    writer.commit();
    writer.deleteOldest();
    return true;
  }

  private boolean moveNeeded(long sequence) throws IOException {
    for (JournaledLog log : logs.all()) {
      List<Extent> extents = log.extentsIn(sequence);
      AcceptorState state = log.state();
      if (state == null) {
        continue;
      }
      for (Extent extent : extents) {
        if (!move(log, extent, state.commit())) {
          return false;
        }
      }
      if (!extents.isEmpty() || log.hasControlIn(sequence)) {
        writer.append(log.shard(), new Change.Save(state));
      }
    }
    return true;
  }

  /** False if the records cannot be read. */
  private boolean move(JournaledLog log, Extent extent, Lsn commit) throws IOException {
    byte[] frames = read(log, extent);
    if (!blocked) {
      Lsn begin = new Lsn(extent.begin());
      writer.move(new EntryPayload.Records(log.shard(), begin, commit, 0, frames.length), frames);
    }
    return !blocked;
  }

  private byte[] read(JournaledLog log, Extent extent) throws IOException {
    String name = FileHeader.name(Address.file(extent.address()));
    try (JournalFile file = storage.open(name)) {
      byte[] frames = file.read(Address.offset(extent.address()), extent.length());
      RecordFrame.check(new Lsn(extent.begin()), frames);
      return frames;
    } catch (SheafException damaged) {
      blocked = true;
      LOG.log(
          Level.ERROR,
          "{0} of {1} is damaged; the file and all after it are kept: {2}",
          Address.describe(extent.address()),
          log.shard(),
          damaged.message());
      return new byte[0];
    }
  }
}
