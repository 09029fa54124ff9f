package dev.sheaf.rpc.shard.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.shard.ShardService.SegmentView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class BatchCodecTest {
  private static final long SEED = Long.getLong("sheaf.seed", System.nanoTime());
  private final Random random = new Random(SEED);

  private Batch randomBatch(int rows, List<PhysicalType> types) {
    Vec[] columns = new Vec[types.size()];
    for (int c = 0; c < columns.length; c++) {
      columns[c] = randomColumn(rows, types.get(c));
    }
    Batch batch = Batch.of(columns, rows);
    if (random.nextBoolean()) {
      return batch;
    }
    int[] selection = IntStream.range(0, rows).filter(i -> random.nextInt(3) > 0).toArray();
    return batch.select(selection, selection.length);
  }

  private Vec randomColumn(int rows, PhysicalType type) {
    // Arrays may be longer than the column.
    int room = rows + random.nextInt(3);
    long[] validity = random.nextBoolean() ? null : random.longs((room + 63) / 64 + 1).toArray();
    long[] longs = random.longs(room).toArray();
    int[] ints = random.ints(room).toArray();
    return switch (type) {
      case BOOL -> {
        byte[] values = new byte[room];
        for (int i = 0; i < room; i++) {
          values[i] = (byte) random.nextInt(2);
        }
        yield new Vec.BoolVec(values, validity, rows);
      }
      case INT -> new Vec.IntVec(ints, validity, rows);
      case LONG -> new Vec.LongVec(longs, validity, rows);
      case INT128 -> new Vec.Int128Vec(longs, random.longs(room).toArray(), validity, rows);
      case DOUBLE -> new Vec.DoubleVec(random.doubles(room).toArray(), validity, rows);
      case BYTES -> {
        byte[] data = new byte[1000];
        random.nextBytes(data);
        int[] start = new int[room];
        int[] length = new int[room];
        for (int i = 0; i < room; i++) {
          start[i] = random.nextInt(900);
          length[i] = random.nextInt(100);
        }
        yield Vec.BytesVec.of(data, start, length, validity, rows);
      }
    };
  }

  @Test
  void rowsArriveAsTheyWere() {
    for (int round = 0; round < 300; round++) {
      List<PhysicalType> types =
          random
              .ints(random.nextInt(5), 0, PhysicalType.values().length)
              .mapToObj(i -> PhysicalType.values()[i])
              .toList();
      Batch batch = randomBatch(random.nextInt(400), types);
      int row = 0;
      for (ByteString piece : BatchCodec.encode(batch, 1 + random.nextInt(5000))) {
        Batch read = BatchCodec.decode(piece, types);
        for (int i = 0; i < read.rows(); i++, row++) {
          for (int c = 0; c < types.size(); c++) {
            assertThat(read.column(c).value(i))
                .as("seed %s round %s row %s column %s", SEED, round, row, c)
                .isEqualTo(batch.column(c).value(batch.row(row)));
          }
        }
      }
      assertThat(row).isEqualTo(batch.selected());
    }
  }

  @Test
  void theLayoutIsFixed() {
    var batch =
        Batch.of(
            new Vec[] {
              new Vec.IntVec(new int[] {1, -1}, new long[] {1}, 2),
              Vec.BytesVec.of(new byte[] {9, 8, 7}, new int[] {1, 0}, new int[] {2, 1}, null, 2)
            },
            2);
    assertThat(HexFormat.of().formatHex(BatchCodec.encode(batch, 1000).getFirst().toByteArray()))
        .isEqualTo(
            "0200000002000000"
                + "0101"
                + "0100000000000000"
                + "01000000ffffffff"
                + "0500"
                + "03000000"
                + "0200000001000000"
                + "080709"
                + "7de22a1f");
  }

  @Test
  void nothingDamagedIsBelieved() {
    List<PhysicalType> types = List.of(PhysicalType.values());
    Batch batch = randomBatch(50, types);
    byte[] good = BatchCodec.encode(batch, 1 << 20).getFirst().toByteArray();
    for (int at = 0; at < good.length; at++) {
      byte[] flipped = good.clone();
      flipped[at] ^= (byte) (1 << random.nextInt(8));
      assertRefused(flipped, types);
      assertRefused(Arrays.copyOf(good, at), types);
    }
    // Whoever computes the checksum over nonsense is found out too: no error but ours.
    for (int round = 0; round < 20_000; round++) {
      byte[] nonsense = good.clone();
      for (int i = 0; i <= random.nextInt(3); i++) {
        nonsense[random.nextInt(nonsense.length - 4)] = (byte) random.nextInt();
      }
      var crc = new java.util.zip.CRC32C();
      crc.update(nonsense, 0, nonsense.length - 4);
      for (int i = 0; i < 4; i++) {
        nonsense[nonsense.length - 4 + i] = (byte) (crc.getValue() >>> (8 * i));
      }
      try {
        Batch unused = BatchCodec.decode(ByteString.copyFrom(nonsense), types);
      } catch (SheafException e) {
        assertThat(e.code()).as("seed %s", SEED).isEqualTo(ErrorCode.PROTOCOL_VIOLATION);
      }
    }
    assertRefused(good, types.subList(1, types.size()));
  }

  private static void assertRefused(byte[] bytes, List<PhysicalType> types) {
    assertThatThrownBy(() -> BatchCodec.decode(ByteString.copyFrom(bytes), types))
        .as("seed %s", SEED)
        .isInstanceOf(SheafException.class);
  }

  @Test
  void deletedRowsOfASegmentCrossAsSteps() {
    var deleted = new ArrayList<int[]>(List.of(new int[0], new int[] {0}, new int[] {0, 1, 9}));
    deleted.add(random.ints(1000, 0, 1 << 30).sorted().distinct().toArray());
    for (int[] rows : deleted) {
      var view =
          new SegmentView("db/1", 10, 1L << 30, new Timestamp(5), new Timestamp(7), false, rows);
      SegmentView read = ShardMessages.segment(ShardMessages.segment(view));
      assertThat(read.deleted()).isEqualTo(rows);
      assertThat(read).usingRecursiveComparison().isEqualTo(view);
    }
    var outside =
        ShardMessages.segment(
            new SegmentView("db/1", 10, 5, Timestamp.ZERO, Timestamp.MAX, false, new int[] {5}));
    assertThatThrownBy(() -> ShardMessages.segment(outside)).isInstanceOf(SheafException.class);
  }
}
