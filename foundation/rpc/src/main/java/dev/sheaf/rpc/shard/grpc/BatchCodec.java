package dev.sheaf.rpc.shard.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.PhysicalType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Rows on their way between processes, column by column as they lie in memory.
 *
 * <pre>
 * | rows u32 | columns u32 | column ... | CRC-32C of all before it u32 |
 *
 * column: | type u8 | nulls u8 | validity, if nulls = 1 | values |
 *   type      PhysicalType: 0 BOOL, 1 INT, 2 LONG, 3 INT128, 4 DOUBLE, 5 BYTES
 *   validity  ceil(rows / 64) words u64, bit i of word w: row 64 w + i has a value
 *   values    BOOL rows x u8 (0 or 1) | INT rows x i32 | LONG rows x i64 | DOUBLE rows x f64
 *             INT128 rows x i64 (high words), rows x u64 (low words)
 *             BYTES data length u32, rows x u32 (lengths; 0 for null), data
 * </pre>
 *
 * Numbers are little endian. At most {@link #MAX_ROWS} rows and as many columns as the reader asked
 * for. What arrives is checked in full before it is believed: XX001 for a wrong checksum, 08P01 for
 * anything that does not fit. Pure.
 */
final class BatchCodec {
  static final int MAX_ROWS = 1 << 16;
  private static final int HEADER_BYTES = 8;
  private static final int CRC_BYTES = 4;

  private BatchCodec() {}

  /**
   * The live rows in one or more pieces of about {@code targetBytes}; a row that is larger travels
   * alone.
   */
  static List<ByteString> encode(Batch batch, int targetBytes) {
    var pieces = new ArrayList<ByteString>(1);
    for (int from = 0; from < batch.selected(); ) {
      int count = fitting(batch, from, targetBytes);
      pieces.add(encodeRows(batch, from, count));
      from += count;
    }
    return pieces;
  }

  private static int fitting(Batch batch, int from, int targetBytes) {
    int fixed = 0;
    var texts = new ArrayList<BytesVec>();
    for (Vec column : batch.columns()) {
      fixed += fixedBytes(column.type()) + 1;
      if (column instanceof BytesVec bytes) {
        texts.add(bytes);
      }
    }
    int most = Math.min(batch.selected() - from, MAX_ROWS);
    if (texts.isEmpty()) {
      return Math.clamp(targetBytes / Math.max(1, fixed), 1, most);
    }
    long size = 0;
    for (int i = 0; i < most; i++) {
      size += fixed;
      int row = batch.row(from + i);
      for (BytesVec text : texts) {
        size += text.isNull(row) ? 0 : text.length()[row];
      }
      if (size > targetBytes) {
        return Math.max(1, i);
      }
    }
    return most;
  }

  private static int fixedBytes(PhysicalType type) {
    return switch (type) {
      case BOOL -> 1;
      case INT, BYTES -> 4;
      case LONG, DOUBLE -> 8;
      case INT128 -> 16;
    };
  }

  private static ByteString encodeRows(Batch batch, int from, int count) {
    var rows = new RowSlice(batch, from, count);
    long size = HEADER_BYTES + CRC_BYTES;
    for (Vec column : batch.columns()) {
      size += 2 + (rows.hasNulls(column) ? 8L * words(count) : 0);
      size += (long) fixedBytes(column.type()) * count;
      size += column instanceof BytesVec text ? 4 + rows.dataBytes(text) : 0;
    }
    if (size > ShardEndpoint.MAX_MESSAGE_BYTES) {
      throw new SheafException(
          ErrorCode.PROGRAM_LIMIT_EXCEEDED, "a row of " + size + " bytes is too large to send");
    }
    ByteBuffer out = ByteBuffer.allocate((int) size).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(count).putInt(batch.columns().length);
    for (Vec column : batch.columns()) {
      rows.write(column, out);
    }
    out.putInt(crc(out.array(), out.position()));
    return UnsafeByteOperations.unsafeWrap(out.array());
  }

  static int words(int rows) {
    return (rows + 63) >>> 6;
  }

  private static int crc(byte[] bytes, int end) {
    var crc = new CRC32C();
    crc.update(bytes, 0, end);
    return (int) crc.getValue();
  }

  /**
   * @param types what the columns must be
   */
  static Batch decode(ByteString message, List<PhysicalType> types) {
    byte[] bytes = message.toByteArray();
    int end = bytes.length - CRC_BYTES;
    if (end < HEADER_BYTES) {
      throw bad("only " + bytes.length + " bytes");
    }
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (in.getInt(end) != crc(bytes, end)) {
      throw new SheafException(
          ErrorCode.DATA_CORRUPTED, "rows were damaged on their way: wrong checksum");
    }
    in.limit(end);
    int rows = in.getInt();
    int columns = in.getInt();
    if (rows < 0 || rows > MAX_ROWS || columns != types.size()) {
      throw bad(rows + " rows of " + columns + " columns, not of " + types.size());
    }
    Vec[] vectors = new Vec[columns];
    for (int i = 0; i < columns; i++) {
      vectors[i] = read(in, types.get(i), rows);
    }
    if (in.hasRemaining()) {
      throw bad(in.remaining() + " bytes too many");
    }
    return Batch.of(vectors, rows);
  }

  private static Vec read(ByteBuffer in, PhysicalType type, int rows) {
    require(in, 2);
    int code = in.get();
    if (code != type.ordinal()) {
      throw bad("a column of type " + code + " where " + type + " was asked for");
    }
    int nulls = in.get();
    if (nulls != 0 && nulls != 1) {
      throw bad("a column's nulls are " + nulls);
    }
    long[] validity = nulls == 0 ? null : longs(in, words(rows));
    return switch (type) {
      case BOOL -> {
        byte[] values = bytes(in, rows);
        for (byte value : values) {
          if (value != 0 && value != 1) {
            throw bad("a truth value of " + value);
          }
        }
        yield new Vec.BoolVec(values, validity, rows);
      }
      case INT -> new Vec.IntVec(ints(in, rows), validity, rows);
      case LONG -> new Vec.LongVec(longs(in, rows), validity, rows);
      case INT128 -> new Vec.Int128Vec(longs(in, rows), longs(in, rows), validity, rows);
      case DOUBLE -> {
        double[] values = new double[rows];
        require(in, 8L * rows);
        in.asDoubleBuffer().get(values);
        in.position(in.position() + 8 * rows);
        yield new Vec.DoubleVec(values, validity, rows);
      }
      case BYTES -> {
        require(in, 4);
        int size = in.getInt();
        int[] lengths = ints(in, rows);
        int[] starts = starts(lengths, size);
        yield BytesVec.of(bytes(in, size), starts, lengths, validity, rows);
      }
    };
  }

  private static int[] starts(int[] lengths, int size) {
    int[] starts = new int[lengths.length];
    long at = 0;
    for (int i = 0; i < lengths.length; i++) {
      starts[i] = (int) at;
      at += lengths[i];
      if (lengths[i] < 0 || at > size) {
        throw bad("bytes beyond their column");
      }
    }
    if (at != size) {
      throw bad("bytes that belong to no row");
    }
    return starts;
  }

  private static byte[] bytes(ByteBuffer in, int count) {
    require(in, count);
    byte[] values = new byte[count];
    in.get(values);
    return values;
  }

  private static int[] ints(ByteBuffer in, int count) {
    require(in, 4L * count);
    int[] values = new int[count];
    in.asIntBuffer().get(values);
    in.position(in.position() + 4 * count);
    return values;
  }

  private static long[] longs(ByteBuffer in, int count) {
    require(in, 8L * count);
    long[] values = new long[count];
    in.asLongBuffer().get(values);
    in.position(in.position() + 8 * count);
    return values;
  }

  private static void require(ByteBuffer in, long size) {
    if (size < 0 || in.remaining() < size) {
      throw bad("it ends too early");
    }
  }

  private static SheafException bad(String what) {
    return new SheafException(ErrorCode.PROTOCOL_VIOLATION, "a malformed batch of rows: " + what);
  }
}
