package dev.sheaf.coordination.embedded;

import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.coordination.Coordination.Entry;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.format.ByteReader;
import dev.sheaf.protocol.format.ByteWriter;
import dev.sheaf.protocol.format.Envelope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The facts on disk: a snapshot and the changes since, in two files of one folder.
 *
 * <pre>
 * facts.snapshot  an {@link Envelope} "SHFFACTS" around: revision varint, count varint,
 *                 per entry: key text, value text, modRevision varint
 * facts.journal   "SHFFACTJ" | version u32 = 1 | records
 * record          | length u32 | CRC-32C of length u32 | payload | CRC-32C of payload u32 | end mark u8 = 0xA5 |
 * payload         revision varint, count varint, per change: key text, present u8, value text (if present)
 * </pre>
 *
 * Revisions follow one another without a gap. A record that the file ends within, or whose last
 * byte was never written (is zero), was torn by a crash before it was answered: it is cut off. Any
 * other difference is XX001. The journal is emptied after each snapshot; a crash in between only
 * leaves records that the snapshot already covers. An entry on a lease is journalled as a deletion:
 * leases end with the process. Not thread-safe.
 */
final class FactJournal implements AutoCloseable {
  private static final String SNAPSHOT_MAGIC = "SHFFACTS";
  private static final String SNAPSHOT_FILE = "facts.snapshot";
  private static final String JOURNAL_FILE = "facts.journal";
  private static final byte[] HEADER =
      new ByteWriter(12)
          .raw("SHFFACTJ".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
          .u32(1)
          .toByteArray();
  private static final int RECORD_HEADER_BYTES = 8;
  private static final int RECORD_TRAILER_BYTES = 5;
  private static final int END_MARK = 0xA5;

  private final Path folder;
  private final long snapshotAfterBytes;
  private final FileChannel channel;

  private FactJournal(Path folder, long snapshotAfterBytes, FileChannel channel) {
    this.folder = folder;
    this.snapshotAfterBytes = snapshotAfterBytes;
    this.channel = channel;
  }

  /** Opens or creates the files and brings the facts to the last answered change. */
  static FactJournal open(Path folder, long snapshotAfterBytes, Facts into) {
    try {
      Files.createDirectories(folder);
      Path journal = folder.resolve(JOURNAL_FILE);
      readSnapshot(folder, into);
      boolean created = !Files.exists(journal);
      var channel =
          FileChannel.open(
              journal,
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      var opened = new FactJournal(folder, snapshotAfterBytes, channel);
      opened.recover(journal.toString(), into);
      if (created) {
        opened.forceFolder();
      }
      return opened;
    } catch (IOException e) {
      throw new SheafException(ErrorCode.IO_ERROR, "cannot read the facts in " + folder, e);
    }
  }

  /**
   * Brings the facts to the last answered change, and leaves the files as they are.
   *
   * @throws SheafException 55000 there are no facts; XX001 they are damaged
   */
  static void read(Path folder, Facts into) {
    Path journal = folder.resolve(JOURNAL_FILE);
    try {
      readSnapshot(folder, into);
      if (!Files.exists(journal)) {
        throw new SheafException(
                ErrorCode.OBJECT_NOT_IN_PREREQUISITE_STATE, "there are no facts in " + folder)
            .withHint("A process of a cluster keeps none: they are in etcd.");
      }
      int unused = replay(journal.toString(), Files.readAllBytes(journal), into);
    } catch (IOException e) {
      throw new SheafException(ErrorCode.IO_ERROR, "cannot read the facts in " + folder, e);
    }
  }

  /** If there is one. */
  private static void readSnapshot(Path folder, Facts into) throws IOException {
    Path file = folder.resolve(SNAPSHOT_FILE);
    if (!Files.exists(file)) {
      return;
    }
    if (!Files.exists(folder.resolve(JOURNAL_FILE))) {
      throw new SheafException(
          ErrorCode.DATA_CORRUPTED, folder.resolve(JOURNAL_FILE) + " is missing");
    }
    var in = Envelope.open(file.toString(), SNAPSHOT_MAGIC, 1, Files.readAllBytes(file));
    into.restoreRevision(in.varint());
    int count = in.count(3);
    for (int i = 0; i < count; i++) {
      into.restore(new Entry(in.text(), in.text(), in.varint()));
    }
    in.end();
  }

  private void recover(String name, Facts into) throws IOException {
    byte[] bytes = new byte[Math.toIntExact(channel.size())];
    readFully(bytes);
    int end = replay(name, bytes, into);
    if (end == 0) {
      channel.truncate(0);
      writeAt(0, HEADER);
      channel.force(true);
    } else if (end < bytes.length) {
      channel.truncate(end);
      channel.force(true);
    }
  }

  /** Replays all whole records; returns where they end, 0 if not even the header is there. */
  private static int replay(String name, byte[] bytes, Facts into) {
    if (bytes.length < HEADER.length) {
      // The crash came before the first record: nothing was ever answered from this file.
      return 0;
    }
    var source = new ByteReader(name, bytes);
    if (!java.util.Arrays.equals(source.raw(HEADER.length), HEADER)) {
      throw source.corrupted("wrong header");
    }
    int at = HEADER.length;
    while (at < bytes.length) {
      int end = endOfRecord(source, bytes, at);
      if (end < 0) {
        return at;
      }
      replay(name, bytes, at + RECORD_HEADER_BYTES, end - RECORD_TRAILER_BYTES, into);
      at = end;
    }
    return at;
  }

  /** Where the record at {@code at} ends, after all checks; -1 if it is a torn tail. */
  private static int endOfRecord(ByteReader source, byte[] bytes, int at) {
    if (bytes.length - at < RECORD_HEADER_BYTES) {
      return -1;
    }
    var header = new ByteReader("", bytes, at, bytes.length);
    int length = header.u32();
    boolean torn = bytes[bytes.length - 1] == 0;
    if (header.u32() != Envelope.crc32c(bytes, at, 4) || length < 0) {
      if (torn) {
        return -1;
      }
      throw source.corrupted("wrong record header at byte " + at);
    }
    long end = (long) at + RECORD_HEADER_BYTES + length + RECORD_TRAILER_BYTES;
    if (end > bytes.length) {
      return -1;
    }
    int payloadAt = at + RECORD_HEADER_BYTES;
    var trailer = new ByteReader("", bytes, payloadAt + length, (int) end);
    if (trailer.u32() != Envelope.crc32c(bytes, payloadAt, length) || trailer.u8() != END_MARK) {
      if (torn && end == bytes.length) {
        return -1;
      }
      throw source.corrupted("wrong record checksum at byte " + at);
    }
    return (int) end;
  }

  private static void replay(String name, byte[] bytes, int from, int to, Facts into) {
    var in = new ByteReader(name, bytes, from, to);
    long revision = in.varint();
    if (revision <= into.revision()) {
      // Covered by the snapshot: the crash came before the journal was emptied.
      return;
    }
    if (revision != into.revision() + 1) {
      throw in.corrupted("revision " + revision + " follows " + into.revision());
    }
    int count = in.count(2);
    var changes = new ArrayList<Change>(count);
    for (int i = 0; i < count; i++) {
      String key = in.text();
      changes.add(in.u8() == 0 ? Change.delete(key) : Change.put(key, in.text()));
    }
    in.end();
    into.apply(changes);
  }

  /** Makes one revision durable; 40003 if that failed, and then nothing more may be written. */
  void append(long revision, List<Change> changes) {
    var payload = new ByteWriter(128);
    payload.varint(revision).varint(changes.size());
    for (Change change : changes) {
      String value = change.lease() == null ? change.value() : null;
      payload.text(change.key()).u8(value == null ? 0 : 1);
      if (value != null) {
        payload.text(value);
      }
    }
    byte[] body = payload.toByteArray();
    var record = new ByteWriter(body.length + RECORD_HEADER_BYTES + RECORD_TRAILER_BYTES);
    record.u32(body.length);
    record.u32(record.crc32c()).raw(body).u32(payload.crc32c()).u8(END_MARK);
    try {
      writeAt(channel.size(), record.toByteArray());
      channel.force(true);
    } catch (IOException e) {
      throw new SheafException(
          ErrorCode.STATEMENT_COMPLETION_UNKNOWN, "cannot write the facts in " + folder, e);
    }
  }

  boolean wantsSnapshot() {
    try {
      return channel.size() > snapshotAfterBytes;
    } catch (IOException e) {
      throw new SheafException(ErrorCode.IO_ERROR, "cannot read the facts in " + folder, e);
    }
  }

  void snapshot(Facts facts) {
    List<Entry> entries = facts.permanent();
    var payload = new ByteWriter(64 * entries.size());
    payload.varint(facts.revision()).varint(entries.size());
    for (Entry entry : entries) {
      payload.text(entry.key()).text(entry.value()).varint(entry.modRevision());
    }
    Path part = folder.resolve("facts.snapshot.part");
    try {
      Files.write(part, Envelope.seal(SNAPSHOT_MAGIC, 1, payload.toByteArray()));
      force(part);
      Files.move(part, folder.resolve(SNAPSHOT_FILE), StandardCopyOption.ATOMIC_MOVE);
      forceFolder();
      channel.truncate(HEADER.length);
      channel.force(true);
    } catch (IOException e) {
      throw new SheafException(ErrorCode.IO_ERROR, "cannot write the facts in " + folder, e);
    }
  }

  private void forceFolder() throws IOException {
    force(folder);
  }

  private static void force(Path path) throws IOException {
    try (var opened = FileChannel.open(path, StandardOpenOption.READ)) {
      opened.force(true);
    }
  }

  private void readFully(byte[] into) throws IOException {
    var buffer = ByteBuffer.wrap(into);
    while (buffer.hasRemaining() && channel.read(buffer, buffer.position()) >= 0) {}
  }

  private void writeAt(long position, byte[] bytes) throws IOException {
    var buffer = ByteBuffer.wrap(bytes);
    long at = position;
    while (buffer.hasRemaining()) {
      at += channel.write(buffer, at);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new SheafException(ErrorCode.IO_ERROR, "cannot close the facts in " + folder, e);
    }
  }
}
