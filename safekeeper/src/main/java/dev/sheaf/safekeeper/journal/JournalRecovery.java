package dev.sheaf.safekeeper.journal;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.format.ByteReader;
import dev.sheaf.safekeeper.journal.EntryFrame.Found;
import dev.sheaf.safekeeper.journal.EntryFrame.Type;
import dev.sheaf.safekeeper.journal.JournalStorage.JournalFile;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Rebuilds the logs from a journal's files, oldest first, and tells what a crash may leave from
 * what it may not.
 *
 * <p>A crash may leave a torn tail: the writes since the last fsync, in any part and order, which
 * nobody was told of. So the first invalid entry ends the journal, and what follows it is cut, if
 *
 * <ul>
 *   <li>no file after it holds an entry (the next file is there before a SEAL is written, and
 *       written to only after the SEAL is fsynced),
 *   <li>and no entry behind it proves, by its {@code durable} address, that the invalid place had
 *       been fsynced. A MARK behind each fsync does so for all that was ever acknowledged.
 * </ul>
 *
 * <p>Everything else is damage: XX001, and nothing is changed. Files have their full size from the
 * beginning, so a file that was cut is always found. What remains undetectable: the loss of all
 * entries from some fsync on, their MARK included, to zeros or garbage; and a flipped bit in the
 * last fsync's entries if power failed before the MARK, which is not fsynced by itself, reached the
 * disk.
 */
final class JournalRecovery {
  private static final Logger LOG = System.getLogger(JournalRecovery.class.getName());

  /**
   * A file of which not everything that was read is known to be durable: none without a SEAL, nor
   * the one before those, for its SEAL may have been written and not fsynced.
   *
   * @param certain an entry says that the file was fsynced up to this offset
   * @param end of the entries
   * @param sealed whether a SEAL is among them
   */
  record Tail(FileHeader header, int certain, int end, boolean sealed) {}

  /**
   * @param headers of the files that are needed, oldest first; empty for a new journal
   * @param tails oldest first; before the journal goes on in a new file they must be durable and
   *     have a SEAL
   * @param obsolete files that a RECLAIMED entry allows to be missing
   */
  record Recovered(
      JournaledLogs logs, List<FileHeader> headers, List<Tail> tails, List<String> obsolete) {}

  private final JournalStorage storage;
  private final JournaledLogs logs = new JournaledLogs();
  private final List<FileHeader> headers = new ArrayList<>();
  private final List<Tail> unsealed = new ArrayList<>();
  private @Nullable Tail lastSealed;
  private @Nullable FileHeader first;

  JournalRecovery(JournalStorage storage) {
    this.storage = storage;
  }

  /**
   * @throws SheafException XX001 naming file and offset of the damage
   */
  Recovered run() throws IOException {
    TreeMap<Long, String> names = new TreeMap<>();
    for (String name : storage.list()) {
      OptionalLong sequence = FileHeader.sequenceOf(name);
      if (sequence.isPresent()) {
        names.put(sequence.getAsLong(), name);
      }
    }
    if (names.isEmpty()) {
      return new Recovered(logs, List.of(), List.of(), List.of());
    }
    long oldest = oldestNeeded(names);
    for (long sequence = oldest; sequence <= names.lastKey(); sequence++) {
      String name = names.get(sequence);
      if (name == null) {
        throw new SheafException(
            ErrorCode.DATA_CORRUPTED, "journal file " + FileHeader.name(sequence) + " is missing");
      }
      recover(name);
    }
    if (unsealed.isEmpty()) {
      throw missing(names.lastKey() + 1);
    }
    logs.all().forEach(JournaledLog::checkWhole);
    List<Tail> tails = new ArrayList<>(unsealed);
    if (lastSealed != null) {
      tails.addFirst(lastSealed);
    }
    return new Recovered(logs, headers, tails, List.copyOf(names.headMap(oldest).values()));
  }

  /** Files are deleted oldest first, each announced by an entry of the newest file then. */
  private long oldestNeeded(TreeMap<Long, String> names) throws IOException {
    long oldest = names.firstKey();
    for (String name : names.descendingMap().values()) {
      byte[] file = read(name);
      FileHeader header = FileHeader.decode(name, file);
      oldest = Math.max(oldest, header.oldest());
      int offset = FileHeader.BYTES;
      Found found = next(file, header, offset);
      boolean any = found != null;
      while (found != null && found.type() != Type.SEAL) {
        if (found.type() == Type.RECLAIMED) {
          oldest = Math.max(oldest, reader(header, file, found).u64());
        }
        found = next(file, header, found.end());
      }
      if (any) {
        break;
      }
    }
    if (oldest > names.lastKey()) {
      throw missing(oldest);
    }
    return oldest;
  }

  private void recover(String name) throws IOException {
    byte[] file = read(name);
    FileHeader header = FileHeader.decode(name, file);
    first = first == null ? header : first;
    header.checkBelongsTo(first);
    headers.add(header);
    int offset = FileHeader.BYTES;
    Found found = next(file, header, offset);
    if (!unsealed.isEmpty() && (found != null || provesMore(file, header, offset, 0))) {
      Tail broken = unsealed.getFirst();
      throw damaged(broken.header, broken.end, "later files hold entries");
    }
    int certain = offset;
    while (found != null && found.type() != Type.SEAL) {
      replay(header, file, found);
      certain = Math.max(certain, certainBy(found, header));
      offset = found.end();
      found = next(file, header, offset);
    }
    if (found != null) {
      certain = Math.max(certain, certainBy(found, header));
      lastSealed = new Tail(header, certain, found.end(), true);
      return;
    }
    if (provesMore(file, header, offset, Address.of(header.sequence(), offset))) {
      throw damaged(header, offset, "it had been written whole, as a later entry proves");
    }
    unsealed.add(new Tail(header, certain, offset, false));
    LOG.log(
        Level.DEBUG,
        () -> Address.describe(Address.of(header.sequence(), header.sizeBytes())) + " not sealed");
  }

  /** The offset up to which an entry says that its file was fsynced; 0 if it says so of another. */
  private static int certainBy(Found found, FileHeader header) {
    boolean same = Address.file(found.durable()) == header.sequence();
    return same ? (int) Address.offset(found.durable()) : 0;
  }

  /** Whether a later place of the file has an entry that knew more than {@code address} durable. */
  private static boolean provesMore(byte[] file, FileHeader header, int offset, long address) {
    for (int at = offset; at <= file.length - EntryFrame.HEADER_BYTES; at += 8) {
      Found entry = EntryFrame.readHeader(file, header.journal(), header.sequence(), at);
      // Of an older file's bytes, which a recycled one is full of, nothing makes sense here.
      if (entry != null
          && entry.durable() > address
          && entry.durable() <= Address.of(header.sequence(), at)) {
        return true;
      }
    }
    return false;
  }

  private void replay(FileHeader header, byte[] file, Found found) {
    String source = Address.describe(Address.of(header.sequence(), found.offset()));
    int from = found.payloadOffset();
    int to = from + found.length();
    switch (found.type()) {
      case RECORDS -> {
        EntryPayload.Records records = EntryPayload.decodeRecords(source, file, from, to);
        long address = Address.of(header.sequence(), from + records.framesOffset());
        logs.append(
            address, records.log(), records.begin(), records.framesBytes(), records.commit());
      }
      case MOVED -> {
        EntryPayload.Records records = EntryPayload.decodeRecords(source, file, from, to);
        long address = Address.of(header.sequence(), from + records.framesOffset());
        logs.move(address, records.log(), records.begin(), records.framesBytes());
      }
      case CONTROL, STATE -> {
        boolean incarnations = found.type() == Type.STATE;
        EntryPayload.Control control =
            EntryPayload.decodeControl(source, file, from, to, incarnations);
        logs.control(Address.of(header.sequence(), found.offset()), control.log(), control.state());
      }
      case MARK, SEAL, RECLAIMED -> {}
    }
  }

  private static @Nullable Found next(byte[] file, FileHeader header, int offset) {
    return EntryFrame.read(file, header.journal(), header.sequence(), offset);
  }

  private static ByteReader reader(FileHeader header, byte[] file, Found found) {
    return new ByteReader(
        FileHeader.name(header.sequence()),
        file,
        found.payloadOffset(),
        found.payloadOffset() + found.length());
  }

  private byte[] read(String name) throws IOException {
    try (JournalFile file = storage.open(name)) {
      return file.read(0, Math.toIntExact(file.size()));
    }
  }

  private static SheafException missing(long sequence) {
    return new SheafException(
        ErrorCode.DATA_CORRUPTED, "journal file " + FileHeader.name(sequence) + " is missing");
  }

  private static SheafException damaged(FileHeader header, int offset, String reason) {
    return new SheafException(
            ErrorCode.DATA_CORRUPTED,
            Address.describe(Address.of(header.sequence(), offset)) + " is damaged: " + reason)
        .withHint(
            "Replace this safekeeper under a new id; the log is whole on a majority of the"
                + " others.");
  }
}
