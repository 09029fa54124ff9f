package dev.sheaf.log;

import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * How records lie in a shard's log. The log is one byte string; an {@link Lsn} is a position in it;
 * a record occupies {@code 8 + length} bytes from its own LSN on, and the next one follows at once.
 *
 * <pre>
 *  lsn      lsn+4     lsn+8               lsn+8+length
 *  +--------+---------+-------------------+
 *  | length | crc     | payload           |
 *  +--------+---------+-------------------+
 *
 *  length   u32, big endian   bytes of payload, 0 to {@link #MAX_PAYLOAD_BYTES}
 *  crc      u32, big endian   CRC-32C over the LSN (u64, big endian) followed by the payload
 *  payload  bytes             what the owner proposed
 * </pre>
 *
 * <p>The LSN is part of the checksum, so a record that was stored or sent to the wrong place is
 * found as surely as one with a flipped bit. Frames travel and lie on disk as they are: no part
 * between the owner and the replay re-encodes them.
 */
public final class RecordFrame {
  public static final int HEADER_BYTES = 8;

  /**
   * Larger records are refused with 54000: a message and a journal file must be able to hold it.
   */
  public static final int MAX_PAYLOAD_BYTES = 32 << 20;

  private RecordFrame() {}

  /** Receives one checked record. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * @param start the record's LSN
     * @param end the next record's LSN
     */
    void record(Lsn start, Lsn end, byte[] payload);
  }

  /** Bytes of log that a record takes. */
  public static int sizeBytes(int payloadBytes) {
    return HEADER_BYTES + payloadBytes;
  }

  /**
   * The frame of a record at an LSN.
   *
   * @throws SheafException 54000 when the payload is too large
   */
  public static byte[] encode(Lsn lsn, byte[] payload) {
    if (payload.length > MAX_PAYLOAD_BYTES) {
      throw new SheafException(
              ErrorCode.PROGRAM_LIMIT_EXCEEDED,
              "a log record of "
                  + payload.length
                  + " bytes is over the limit of "
                  + MAX_PAYLOAD_BYTES)
          .withHint("Split the transaction, or load the rows in bulk.");
    }
    ByteBuffer frame = ByteBuffer.allocate(sizeBytes(payload.length));
    frame.putInt(payload.length).putInt(checksum(lsn.value(), payload, 0, payload.length));
    frame.put(payload);
    return frame.array();
  }

  /**
   * Walks whole frames and hands out each record after its check.
   *
   * @param begin LSN of the first byte
   * @throws SheafException XX001 naming the LSN when a frame is damaged or cut
   */
  public static void forEach(Lsn begin, byte[] frames, Visitor visitor) {
    long lsn = begin.value();
    int offset = 0;
    while (offset < frames.length) {
      int length = checkFrame(lsn, frames, offset);
      byte[] payload = new byte[length];
      System.arraycopy(frames, offset + HEADER_BYTES, payload, 0, length);
      long end = lsn + sizeBytes(length);
      visitor.record(new Lsn(lsn), new Lsn(end), payload);
      offset += sizeBytes(length);
      lsn = end;
    }
  }

  /**
   * Checks that the bytes are whole, undamaged frames.
   *
   * @throws SheafException XX001 naming the LSN when they are not
   */
  public static void check(Lsn begin, byte[] frames) {
    int offset = 0;
    while (offset < frames.length) {
      offset += sizeBytes(checkFrame(begin.value() + offset, frames, offset));
    }
  }

  /**
   * Bytes of the whole frames at the beginning of {@code bytes}, whose last frame may be cut.
   * Judges by lengths alone; at least the first frame's length must be undamaged.
   */
  public static int wholeFrames(byte[] bytes) {
    int offset = 0;
    while (bytes.length - offset >= HEADER_BYTES) {
      long next = offset + HEADER_BYTES + lengthAt(bytes, offset);
      if (next > bytes.length) {
        break;
      }
      offset = (int) next;
    }
    return offset;
  }

  /** Bytes that the frame whose header begins the bytes takes in whole, undamaged or not. */
  public static long frameBytes(byte[] header) {
    return HEADER_BYTES + lengthAt(header, 0);
  }

  /** Returns the payload's length. */
  private static int checkFrame(long lsn, byte[] frames, int offset) {
    int left = frames.length - offset;
    if (left < HEADER_BYTES) {
      throw damaged(lsn, "its header is cut after " + left + " bytes");
    }
    long length = lengthAt(frames, offset);
    if (length > MAX_PAYLOAD_BYTES || length > left - HEADER_BYTES) {
      throw damaged(lsn, "its length of " + length + " bytes leads past the end");
    }
    int expected = ByteBuffer.wrap(frames).getInt(offset + 4);
    if (expected != checksum(lsn, frames, offset + HEADER_BYTES, (int) length)) {
      throw damaged(lsn, "its checksum does not match");
    }
    return (int) length;
  }

  private static long lengthAt(byte[] bytes, int offset) {
    return Integer.toUnsignedLong(ByteBuffer.wrap(bytes).getInt(offset));
  }

  private static int checksum(long lsn, byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, lsn));
    crc.update(bytes, offset, length);
    return (int) crc.getValue();
  }

  private static SheafException damaged(long lsn, String reason) {
    return new SheafException(
        ErrorCode.DATA_CORRUPTED, "log record at LSN " + lsn + " is damaged: " + reason);
  }
}
