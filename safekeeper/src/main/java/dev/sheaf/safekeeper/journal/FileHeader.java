package dev.sheaf.safekeeper.journal;

import dev.sheaf.log.NodeId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.format.ByteReader;
import dev.sheaf.protocol.format.ByteWriter;
import dev.sheaf.protocol.format.Envelope;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.OptionalLong;

/**
 * The beginning of each journal file, {@value #BYTES} bytes, never changed after the file was
 * created: the length of what follows, then an {@link Envelope} "SHEAFJNL", then zeros.
 *
 * <pre>
 * field      type       meaning
 * length     u32        bytes of the envelope
 * -- envelope "SHEAFJNL" version 2 (1 differs in its entries only: see {@link EntryFrame.Type}) --
 * journal    u64        random id of the journal, its incarnation; part of every entry's checksum
 * sequence   u64        of this file: 1, 2, 3 ...
 * size       u64        of this file in bytes; a file of another size is damaged
 * oldest     u64        sequence of the oldest file when this one was created
 * node       text       the safekeeper that the journal belongs to
 * </pre>
 */
record FileHeader(long journal, long sequence, long sizeBytes, long oldest, NodeId node) {
  static final int BYTES = 256;
  private static final String MAGIC = "SHEAFJNL";
  private static final int VERSION = 2;
  private static final String SUFFIX = ".journal";

  byte[] encode() {
    byte[] payload =
        new ByteWriter(128)
            .u64(journal)
            .u64(sequence)
            .u64(sizeBytes)
            .u64(oldest)
            .text(node.value())
            .toByteArray();
    byte[] sealed = Envelope.seal(MAGIC, VERSION, payload);
    return ByteBuffer.allocate(BYTES).putInt(sealed.length).put(sealed).array();
  }

  /**
   * @throws SheafException XX001 naming the file when the header, or the file's size, is not as
   *     written; 0A000 when a newer Sheaf wrote it
   */
  static FileHeader decode(String name, byte[] file) {
    ByteReader beginning = new ByteReader("journal file " + name, file);
    if (file.length < BYTES) {
      throw beginning.corrupted("only " + file.length + " bytes");
    }
    int length = beginning.u32();
    if (length < 0 || length > BYTES - Integer.BYTES) {
      throw beginning.corrupted("at offset 0: impossible length of its header");
    }
    byte[] sealed = Arrays.copyOfRange(file, Integer.BYTES, Integer.BYTES + length);
    ByteReader in = Envelope.open("journal file " + name + " (header)", MAGIC, VERSION, sealed);
    FileHeader header =
        new FileHeader(in.u64(), in.u64(), in.u64(), in.u64(), new NodeId(in.text()));
    in.end();
    if (header.sizeBytes != file.length) {
      throw beginning.corrupted(
          "at offset %d: it was created with %d bytes"
              .formatted(Math.min(file.length, header.sizeBytes), header.sizeBytes));
    }
    if (!name.equals(name(header.sequence))) {
      throw beginning.corrupted("at offset 0: it was created as " + name(header.sequence));
    }
    return header;
  }

  static String name(long sequence) {
    return "%016x%s".formatted(sequence, SUFFIX);
  }

  /** The sequence number in a file's name; empty if it is no journal file's. */
  static OptionalLong sequenceOf(String name) {
    if (!name.matches("[0-9a-f]{16}\\.journal")) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(Long.parseUnsignedLong(name.substring(0, 16), 16));
  }

  /** That file belongs to this journal, or XX001. */
  void checkBelongsTo(FileHeader first) {
    if (journal != first.journal || !node.equals(first.node)) {
      throw new SheafException(
          ErrorCode.DATA_CORRUPTED,
          "journal file %s is of another journal (%x of %s, not %x of %s)"
              .formatted(name(sequence), journal, node, first.journal, first.node));
    }
  }
}
