package dev.sheaf.protocol.record;

import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.protocol.format.ByteReader;
import dev.sheaf.protocol.format.ByteWriter;
import dev.sheaf.protocol.format.Envelope;
import dev.sheaf.protocol.record.ShardRecord.Abort;
import dev.sheaf.protocol.record.ShardRecord.BulkCommit;
import dev.sheaf.protocol.record.ShardRecord.Commit;
import dev.sheaf.protocol.record.ShardRecord.LoadedSegment;
import dev.sheaf.protocol.record.ShardRecord.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Bytes of a {@link ShardRecord}.
 *
 * <pre>
 * | version u8 = 1 | kind u8 | transaction u128 | timestamp u64 | body | CRC-32C of all before it u32 |
 * kind 1, commit:      count varint, per write: flag u8, key block, row block (not for flag 0)
 *                      flag: 0 deleted, 1 put, 2 put where the key was absent
 * kind 2, bulk commit: table id varint, count varint, per segment:
 *                      object key text, size varint, rows varint, least key block, greatest key block
 * kind 3, abort:       empty
 * block: varint length, bytes; text: UTF-8 block; fixed numbers big endian
 * </pre>
 *
 * Pure and thread-safe. XX001 on bytes that it cannot have written.
 */
public final class ShardRecordCodec {
  private static final int VERSION = 1;
  private static final int COMMIT = 1;
  private static final int BULK_COMMIT = 2;
  private static final int ABORT = 3;
  private static final int DELETED = 0;
  private static final int PUT = 1;
  private static final int ADDED = 2;
  private static final int CRC_BYTES = 4;

  private ShardRecordCodec() {}

  public static byte[] encode(ShardRecord record) {
    var out = new ByteWriter(256);
    out.u8(VERSION);
    out.u8(
        switch (record) {
          case Commit c -> COMMIT;
          case BulkCommit b -> BULK_COMMIT;
          case Abort a -> ABORT;
        });
    UUID id = record.transaction().value();
    out.u64(id.getMostSignificantBits()).u64(id.getLeastSignificantBits());
    out.u64(record.timestamp().value());
    switch (record) {
      case Commit commit -> writeCommit(out, commit);
      case BulkCommit bulk -> writeBulk(out, bulk);
      case Abort abort -> {}
    }
    return out.u32(out.crc32c()).toByteArray();
  }

  private static void writeCommit(ByteWriter out, Commit commit) {
    out.varint(commit.writes().size());
    for (Write write : commit.writes()) {
      byte[] row = write.row();
      out.u8(row == null ? DELETED : write.added() ? ADDED : PUT).block(write.key());
      if (row != null) {
        out.block(row);
      }
    }
  }

  private static void writeBulk(ByteWriter out, BulkCommit bulk) {
    out.varint(bulk.tableId()).varint(bulk.segments().size());
    for (LoadedSegment segment : bulk.segments()) {
      write(out, segment);
    }
  }

  private static void write(ByteWriter out, LoadedSegment segment) {
    out.text(segment.objectKey()).varint(segment.sizeBytes()).varint(segment.rows());
    out.block(segment.minKey()).block(segment.maxKey());
  }

  /**
   * @param source named in errors, for example the shard and the position
   */
  public static ShardRecord decode(String source, byte[] bytes) {
    int end = bytes.length - CRC_BYTES;
    var in = new ByteReader(source, bytes, 0, Math.max(0, end));
    if (end < 0
        || new ByteReader(source, bytes, end, bytes.length).u32()
            != Envelope.crc32c(bytes, 0, end)) {
      throw in.corrupted("wrong checksum of a log record");
    }
    int version = in.u8();
    if (version != VERSION) {
      throw in.corrupted("unknown version " + version + " of a log record");
    }
    int kind = in.u8();
    var transaction = new TransactionId(new UUID(in.u64(), in.u64()));
    var timestamp = new Timestamp(in.u64());
    ShardRecord record =
        switch (kind) {
          case COMMIT -> new Commit(transaction, timestamp, readWrites(in));
          case BULK_COMMIT ->
              new BulkCommit(transaction, timestamp, (int) in.varint(), readSegments(in));
          case ABORT -> new Abort(transaction, timestamp);
          default -> throw in.corrupted("unknown kind " + kind + " of a log record");
        };
    in.end();
    return record;
  }

  private static List<Write> readWrites(ByteReader in) {
    int count = in.count(2);
    var writes = new ArrayList<Write>(count);
    for (int i = 0; i < count; i++) {
      int flag = in.u8();
      byte[] key = in.block();
      writes.add(
          switch (flag) {
            case DELETED -> new Write(key, null, false);
            case PUT -> new Write(key, in.block(), false);
            case ADDED -> new Write(key, in.block(), true);
            default -> throw in.corrupted("unknown flag " + flag + " of a write");
          });
    }
    return writes;
  }

  private static List<LoadedSegment> readSegments(ByteReader in) {
    int count = in.count(5);
    var segments = new ArrayList<LoadedSegment>(count);
    for (int i = 0; i < count; i++) {
      segments.add(new LoadedSegment(in.text(), in.varint(), in.varint(), in.block(), in.block()));
    }
    return segments;
  }
}
