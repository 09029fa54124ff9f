package dev.sheaf.protocol.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.record.ShardRecord.Abort;
import dev.sheaf.protocol.record.ShardRecord.BulkCommit;
import dev.sheaf.protocol.record.ShardRecord.Commit;
import dev.sheaf.protocol.record.ShardRecord.LoadedSegment;
import dev.sheaf.protocol.record.ShardRecord.Write;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class ShardRecordCodecTest {
  private static final TransactionId ID = new TransactionId(new UUID(1, 2));

  private static final Commit COMMIT =
      new Commit(
          ID,
          new Timestamp(300),
          List.of(
              new Write(new byte[] {1}, new byte[] {7, 8}, false),
              new Write(new byte[] {2}, null, false),
              new Write(new byte[] {3}, new byte[0], true)));

  private static final BulkCommit BULK =
      new BulkCommit(
          ID,
          new Timestamp(301),
          1000,
          List.of(new LoadedSegment("db/s-1", 1L << 40, 300, new byte[] {1}, new byte[] {2})));

  private static final Abort ABORT = new Abort(ID, new Timestamp(302));

  @Test
  void layoutsAreAsDocumented() {
    String head = "00000000000000010000000000000002";
    assertThat(withoutChecksum(COMMIT))
        .isEqualTo(
            "0101" + head + "000000000000012c" + "03" + "010101020708" + "000102" + "02010300");
    assertThat(withoutChecksum(BULK))
        .isEqualTo(
            "0102"
                + head
                + "000000000000012d"
                + "e80701"
                + "0664622f732d31"
                + "808080808020"
                + "ac02"
                + "0101"
                + "0102");
    assertThat(withoutChecksum(ABORT)).isEqualTo("0103" + head + "000000000000012e");
  }

  private static String withoutChecksum(ShardRecord record) {
    byte[] bytes = ShardRecordCodec.encode(record);
    return HexFormat.of().formatHex(bytes, 0, bytes.length - 4);
  }

  @Test
  void comesBackAndEveryOtherBytesAreRefused() {
    for (ShardRecord record : List.of(COMMIT, BULK, ABORT)) {
      byte[] bytes = ShardRecordCodec.encode(record);
      ShardRecord back = ShardRecordCodec.decode("x", bytes);
      assertThat(ShardRecordCodec.encode(back)).isEqualTo(bytes);
      assertThat(back.timestamp()).isEqualTo(record.timestamp());
      assertThat(back.transaction()).isEqualTo(ID);
      for (int bit = 0; bit < bytes.length * 8; bit++) {
        byte[] bad = bytes.clone();
        bad[bit / 8] ^= (byte) (1 << bit % 8);
        assertRefused(bad);
      }
      for (int length = 0; length < bytes.length; length++) {
        assertRefused(Arrays.copyOf(bytes, length));
      }
      assertRefused(Arrays.copyOf(bytes, bytes.length + 1));
    }
  }

  private static void assertRefused(byte[] bytes) {
    assertThatThrownBy(() -> ShardRecordCodec.decode("shard db/0 at 17", bytes))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DATA_CORRUPTED))
        .hasMessageContaining("shard db/0 at 17");
  }
}
