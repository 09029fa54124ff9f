package dev.sheaf.safekeeper.journal;

import dev.sheaf.log.Change;
import dev.sheaf.log.NodeId;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.format.ByteWriter;
import dev.sheaf.safekeeper.journal.EntryFrame.Type;
import dev.sheaf.safekeeper.journal.JournalRecovery.Recovered;
import dev.sheaf.safekeeper.journal.JournalRecovery.Tail;
import dev.sheaf.safekeeper.journal.JournalStorage.JournalFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The journal's end: appends entries, makes them durable together, goes on in a new file when one
 * is full. Used by one thread.
 *
 * <p>Order of a rotation: the next file is created, then the full one gets its SEAL and is fsynced,
 * then the next one is written to. So an entry in a file proves that all earlier files were whole.
 */
final class JournalWriter implements AutoCloseable {
  /** Room for the MARK and the SEAL that end every file. */
  private static final int RESERVED_BYTES = 2 * EntryFrame.HEADER_BYTES;

  private static final int BUFFER_BYTES = 1 << 20;

  private final JournalStorage storage;
  private final FileSupply supply;
  private final JournalSettings settings;
  private final JournaledLogs logs;
  private final NodeId node;
  private final long journal;

  /** The files, oldest first, the current one last. */
  private final Deque<FileHeader> files = new ArrayDeque<>();

  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

  /** What the entries of this group change, once they are durable. */
  private final List<Runnable> meanings = new ArrayList<>();

  private boolean anythingAppended;

  private JournalFile current;
  private FileHeader header;

  /** Offset of the buffer's first byte. */
  private long flushed = FileHeader.BYTES;

  private long durable;

  /**
   * Begins a new file after the recovered ones, and makes those durable and sealed.
   *
   * @param newJournal id for a journal that has no file yet
   */
  JournalWriter(
      JournalStorage storage,
      FileSupply supply,
      JournalSettings settings,
      NodeId node,
      long newJournal,
      Recovered recovered)
      throws IOException {
    this.storage = storage;
    this.supply = supply;
    this.settings = settings;
    this.node = node;
    this.logs = recovered.logs();
    files.addAll(recovered.headers());
    this.journal = files.isEmpty() ? newJournal : files.getFirst().journal();
    if (!files.isEmpty()) {
      newHeader(0).checkBelongsTo(files.getFirst());
    }
    for (Tail each : recovered.tails()) {
      secure(each);
    }
    this.header = newHeader(0);
    this.current = supply.take(header, true);
    this.durable = Address.of(header.sequence(), FileHeader.BYTES);
    for (Tail each : recovered.tails()) {
      seal(each);
    }
    for (String name : recovered.obsolete()) {
      storage.delete(name);
    }
    files.add(header);
  }

  /** The journal's id. */
  long journal() {
    return journal;
  }

  private FileHeader newHeader(int entryBytes) {
    long sequence = files.isEmpty() ? 1 : files.getLast().sequence() + 1;
    long oldest = files.isEmpty() ? 1 : files.getFirst().sequence();
    long needed = (long) FileHeader.BYTES + entryBytes + RESERVED_BYTES;
    return new FileHeader(journal, sequence, Math.max(settings.fileBytes(), needed), oldest, node);
  }

  /**
   * Makes durable what was read back of a file but may be in the page cache alone, which the next
   * loss of power would undo: before anything rests on it, be it a new file's header. It is written
   * again, because an fsync that failed in the process before left pages behind that are clean and
   * not on the disk: no later fsync covers those.
   */
  private void secure(Tail tail) throws IOException {
    try (JournalFile file = storage.open(FileHeader.name(tail.header().sequence()))) {
      byte[] uncertain = file.read(tail.certain(), tail.end() - tail.certain());
      file.write(tail.certain(), ByteBuffer.wrap(uncertain));
      file.force();
    }
  }

  private void seal(Tail tail) throws IOException {
    if (!tail.sealed()) {
      long sequence = tail.header().sequence();
      try (JournalFile file = storage.open(FileHeader.name(sequence))) {
        writeSeal(file, sequence, tail.end(), Address.of(sequence, tail.end()));
      }
    }
  }

  /**
   * @param proven up to where the journal was durable before this: if it said more, a crash in the
   *     middle of it would look like damage
   */
  private void writeSeal(JournalFile file, long sequence, long offset, long proven)
      throws IOException {
    ByteBuffer seal = ByteBuffer.allocate(EntryFrame.HEADER_BYTES);
    EntryFrame.encode(seal, journal, Address.of(sequence, offset), proven, Type.SEAL, new byte[0]);
    file.write(offset, seal.flip());
    file.force();
  }

  /**
   * Appends what an acceptor decided; it is durable after {@link #commit}.
   *
   * @throws NoRoomException if the records do not fit any more; nothing was appended
   */
  void append(ShardId log, Change change) throws IOException {
    switch (change) {
      case Change.Save(var state) -> {
        long address = append(Type.STATE, EntryPayload.control(log, state), true);
        meanings.add(() -> logs.control(address, log, state));
      }
      case Change.Write(var begin, var frames, var commit) -> {
        byte[] prefix = EntryPayload.recordsPrefix(log, begin, commit);
        long address = append(Type.RECORDS, EntryPayload.records(prefix, frames), false);
        long first = address + EntryFrame.HEADER_BYTES + prefix.length;
        meanings.add(() -> logs.append(first, log, begin, frames.length, commit));
      }
    }
  }

  /**
   * Appends a copy of records.
   *
   * @throws NoRoomException if they do not fit any more; nothing was appended
   */
  void move(EntryPayload.Records records, byte[] frames) throws IOException {
    byte[] prefix = EntryPayload.recordsPrefix(records.log(), records.begin(), records.commit());
    long address = append(Type.MOVED, EntryPayload.records(prefix, frames), false);
    long first = address + EntryFrame.HEADER_BYTES + prefix.length;
    meanings.add(() -> logs.move(first, records.log(), records.begin(), frames.length));
  }

  /** Announces that files below a sequence number will be deleted. */
  void reclaimed(long oldestNeeded) throws IOException {
    append(Type.RECLAIMED, new ByteWriter(8).u64(oldestNeeded).toByteArray(), true);
  }

  /**
   * @param essential may use what is kept in reserve for a full disk
   */
  private long append(Type type, byte[] payload, boolean essential) throws IOException {
    int size = EntryFrame.sizeBytes(payload.length);
    if (offset() + size + RESERVED_BYTES > header.sizeBytes()) {
      rotate(size, essential);
    }
    anythingAppended = true;
    long address = Address.of(header.sequence(), offset());
    if (size > buffer.remaining()) {
      flush();
    }
    if (size <= buffer.capacity()) {
      EntryFrame.encode(buffer, journal, address, durable, type, payload);
    } else {
      ByteBuffer large = ByteBuffer.allocate(size);
      EntryFrame.encode(large, journal, address, durable, type, payload);
      current.write(flushed, large.flip());
      flushed += size;
    }
    return address;
  }

  private long offset() {
    return flushed + buffer.position();
  }

  private void flush() throws IOException {
    int bytes = buffer.flip().remaining();
    current.write(flushed, buffer);
    flushed += bytes;
    buffer.clear();
  }

  private void rotate(int entryBytes, boolean essential) throws IOException {
    FileHeader next = newHeader(entryBytes);
    JournalFile nextFile = supply.take(next, essential);
    supply.replenish();
    flush();
    writeSeal(current, header.sequence(), flushed, durable);
    current.close();
    current = nextFile;
    header = next;
    flushed = FileHeader.BYTES;
    durable = Address.of(next.sequence(), FileHeader.BYTES);
    files.add(next);
  }

  /** Makes all that was appended durable, and known to readers. */
  void commit() throws IOException {
    if (!anythingAppended) {
      return;
    }
    flush();
    current.force();
    durable = Address.of(header.sequence(), flushed);
    EntryFrame.encode(buffer, journal, durable, durable, Type.MARK, new byte[0]);
    flush();
    meanings.forEach(Runnable::run);
    meanings.clear();
    anythingAppended = false;
  }

  boolean hasRoom() throws IOException {
    return supply.hasRoom();
  }

  List<FileHeader> files() {
    return List.copyOf(files);
  }

  /** Deletes the oldest file, which must not be the current one. */
  void deleteOldest() throws IOException {
    FileHeader oldest = files.removeFirst();
    logs.fileDeleted(oldest.sequence());
    supply.giveBack(oldest);
  }

  /** Makes the last MARK durable too. */
  @Override
  public void close() throws IOException {
    current.force();
    current.close();
  }
}
