package dev.sheaf.safekeeper.journal;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * How entries lie in a journal file: one after the other from {@link FileHeader#BYTES} on, each at
 * a multiple of 8, up to a SEAL or to the first bytes that are no valid entry.
 *
 * <pre>
 *  0            4         8           16            20      21      24
 *  +------------+---------+-----------+-------------+-------+-------+---------+-------+
 *  | header crc | length  | durable   | payload crc | type  | zeros | payload | zeros |
 *  +------------+---------+-----------+-------------+-------+-------+---------+-------+
 *
 *  header crc   u32   CRC-32C over the journal's id (u64), this entry's address (u64), bytes 4..24
 *  length       u32   bytes of payload
 *  durable      u64   the journal was fsynced up to this address when the entry was written
 *  payload crc  u32   CRC-32C over the payload and the zeros that round it up to a multiple of 8
 *  type         u8    {@link Type}
 * </pre>
 *
 * All numbers are big endian. The id and the address in the checksum keep an old entry, or one of
 * another journal, from being taken for one that belongs there. {@code durable} proves that what
 * lies below was whole once: if it is not any more, that is damage and no torn write.
 */
final class EntryFrame {
  static final int HEADER_BYTES = 24;

  enum Type {
    /** Records of a log: {@link EntryPayload.Records}. */
    RECORDS,
    /** A log's control state as version 1 wrote it: {@link EntryPayload.Control}. Only read. */
    CONTROL,
    /** Records copied forward from a file that is to be deleted. */
    MOVED,
    /** Nothing but the {@code durable} address: written after each fsync, before it is answered. */
    MARK,
    /** The last entry of a file; the rest of it is not used. */
    SEAL,
    /** u64: files below this sequence number are not needed any more and may be missing. */
    RECLAIMED,
    /** A log's control state: {@link EntryPayload.Control}. */
    STATE
  }

  /** A valid entry that was found. */
  record Found(Type type, int length, long durable, int offset) {
    int payloadOffset() {
      return offset + HEADER_BYTES;
    }

    int end() {
      return offset + sizeBytes(length);
    }
  }

  private static final Type[] TYPES = Type.values();

  private EntryFrame() {}

  /** Bytes of file that an entry takes. */
  static int sizeBytes(int payloadBytes) {
    return HEADER_BYTES + (payloadBytes + 7 & ~7);
  }

  static void encode(
      ByteBuffer out, long journal, long address, long durable, Type type, byte[] payload) {
    int start = out.position();
    int padding = sizeBytes(payload.length) - HEADER_BYTES - payload.length;
    CRC32C crc = new CRC32C();
    crc.update(payload);
    crc.update(new byte[padding]);
    out.putInt(0).putInt(payload.length).putLong(durable).putInt((int) crc.getValue());
    out.put((byte) (type.ordinal() + 1)).put(new byte[3]).put(payload).put(new byte[padding]);
    out.putInt(start, headerChecksum(journal, address, out.slice(start, HEADER_BYTES)));
  }

  /** The entry at an offset of a file's bytes if its header and payload are as written. */
  static @Nullable Found read(byte[] file, long journal, long sequence, int offset) {
    Found found = readHeader(file, journal, sequence, offset);
    if (found == null
        || found.length < 0
        || found.length > file.length - found.payloadOffset()
        || found.end() > file.length) {
      return null;
    }
    CRC32C crc = new CRC32C();
    crc.update(file, found.payloadOffset(), found.end() - found.payloadOffset());
    int stored = ByteBuffer.wrap(file).getInt(offset + 16);
    return stored == (int) crc.getValue() ? found : null;
  }

  /** Like {@link #read}, whatever the state of the payload. */
  static @Nullable Found readHeader(byte[] file, long journal, long sequence, int offset) {
    if (file.length - offset < HEADER_BYTES) {
      return null;
    }
    ByteBuffer header = ByteBuffer.wrap(file, offset, HEADER_BYTES).slice();
    int type = header.get(20) - 1;
    boolean valid =
        type >= 0
            && type < TYPES.length
            && header.getInt(0) == headerChecksum(journal, Address.of(sequence, offset), header);
    return valid ? new Found(TYPES[type], header.getInt(4), header.getLong(8), offset) : null;
  }

  private static int headerChecksum(long journal, long address, ByteBuffer header) {
    CRC32C crc = new CRC32C();
    ByteBuffer place = ByteBuffer.allocate(16).putLong(journal).putLong(address).flip();
    crc.update(place);
    crc.update(header.slice(4, HEADER_BYTES - 4));
    return (int) crc.getValue();
  }
}
