package dev.sheaf.objectstore.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The file of one extent, version 1. Big-endian.
 *
 * <pre>
 * +---------------+--------+--------+------------+----------------------------+---------+
 * | magic         | offset | length | CRC-32C of | CRC-32C u32 of each 16 KiB | payload |
 * | 8 x ASCII     | u64    | u32    | head u32   | of the payload             |         |
 * | SHFEXTN1      |        |        |            |                            |         |
 * +---------------+--------+--------+------------+----------------------------+---------+
 * </pre>
 *
 * The checksum of the head covers the object's key, the 20 bytes before it and the table behind it:
 * a file under another's name does not fit. So a small part of a large extent is verified without
 * reading the rest. Files are not fsynced; what a crash leaves is found out by these checks. Pure.
 */
final class ExtentFile {
  static final int BLOCK_BYTES = 1 << 14;

  private static final byte[] MAGIC = "SHFEXTN1".getBytes(StandardCharsets.US_ASCII);
  private static final int CHECKED_HEAD_BYTES = 20;
  private static final int HEAD_BYTES = 24;

  private ExtentFile() {}

  static long fileBytes(int length) {
    return HEAD_BYTES + 4L * blocks(length) + length;
  }

  private static int blocks(int length) {
    return (length + BLOCK_BYTES - 1) / BLOCK_BYTES;
  }

  private static int payloadAt(int length) {
    return HEAD_BYTES + 4 * blocks(length);
  }

  static void write(Path file, Extent extent, byte[] payload) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(payloadAt(payload.length));
    head.put(MAGIC).putLong(extent.offset).putInt(payload.length).putInt(0);
    for (int at = 0; at < payload.length; at += BLOCK_BYTES) {
      head.putInt(crc(payload, at, Math.min(BLOCK_BYTES, payload.length - at)));
    }
    head.putInt(CHECKED_HEAD_BYTES, headCrc(extent.key, head.array()));
    try (FileChannel out =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer[] parts = {head.flip(), ByteBuffer.wrap(payload)};
      while (parts[1].hasRemaining()) {
        out.write(parts);
      }
    }
  }

  /**
   * Bytes {@code [from, to)} of the object, which lie in the extent; null when the file is not what
   * was written.
   */
  static byte @Nullable [] read(Path file, Extent extent, long from, long to) throws IOException {
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
      if (in.size() != fileBytes(extent.length)) {
        return null;
      }
      byte[] head = new byte[payloadAt(extent.length)];
      ByteBuffer fields = ByteBuffer.wrap(head);
      readFully(in, head, 0);
      boolean right =
          Arrays.equals(head, 0, MAGIC.length, MAGIC, 0, MAGIC.length)
              && fields.getLong(MAGIC.length) == extent.offset
              && fields.getInt(MAGIC.length + 8) == extent.length
              && fields.getInt(CHECKED_HEAD_BYTES) == headCrc(extent.key, head);
      if (!right) {
        return null;
      }
      int firstBlock = (int) ((from - extent.offset) / BLOCK_BYTES);
      int start = firstBlock * BLOCK_BYTES;
      int wanted = (int) (to - extent.offset);
      int end = Math.min(extent.length, (wanted + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES);
      byte[] blocks = new byte[end - start];
      readFully(in, blocks, payloadAt(extent.length) + start);
      for (int at = start; at < end; at += BLOCK_BYTES) {
        int stored = fields.getInt(HEAD_BYTES + 4 * (at / BLOCK_BYTES));
        if (crc(blocks, at - start, Math.min(BLOCK_BYTES, end - at)) != stored) {
          return null;
        }
      }
      int skipped = (int) (from - extent.offset) - start;
      return skipped == 0 && wanted == end
          ? blocks
          : Arrays.copyOfRange(blocks, skipped, skipped + (int) (to - from));
    }
  }

  private static void readFully(FileChannel in, byte[] into, long at) throws IOException {
    ByteBuffer left = ByteBuffer.wrap(into);
    while (left.hasRemaining()) {
      if (in.read(left, at + left.position()) < 0) {
        Arrays.fill(into, left.position(), into.length, (byte) 0); // shorter now: the checks fail
        return;
      }
    }
  }

  private static int crc(byte[] bytes, int from, int length) {
    var crc = new CRC32C();
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }

  private static int headCrc(String key, byte[] head) {
    var crc = new CRC32C();
    crc.update(key.getBytes(StandardCharsets.US_ASCII));
    crc.update(head, 0, CHECKED_HEAD_BYTES);
    crc.update(head, HEAD_BYTES, head.length - HEAD_BYTES);
    return (int) crc.getValue();
  }
}
