package dev.sheaf.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RecordFrameTest {
  private static final Lsn BEGIN = new Lsn(1000);

  private static byte[] frames(String... records) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (String record : records) {
      out.writeBytes(RecordFrame.encode(BEGIN.plus(out.size()), record.getBytes(UTF_8)));
    }
    return out.toByteArray();
  }

  private static List<String> decode(Lsn begin, byte[] frames) {
    List<String> records = new ArrayList<>();
    RecordFrame.forEach(
        begin,
        frames,
        (start, end, payload) -> {
          assertThat(end).isEqualTo(start.plus(8 + payload.length));
          records.add(new String(payload, UTF_8));
        });
    return records;
  }

  @Test
  void layoutIsFixed() {
    assertThat(HexFormat.of().formatHex(RecordFrame.encode(new Lsn(258), "sheaf".getBytes(UTF_8))))
        .isEqualTo("00000005" + "a71c8be9" + "7368656166");
  }

  @Test
  void everyDamageIsFound() {
    byte[] frames = frames("one", "", "three");
    assertThat(decode(BEGIN, frames)).containsExactly("one", "", "three");
    for (int bit = 0; bit < frames.length * 8; bit++) {
      byte[] flipped = frames.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      assertDamaged(BEGIN, flipped);
    }
    for (int length = 0; length < frames.length; length++) {
      byte[] cut = Arrays.copyOf(frames, length);
      if (length == 11 || length == 19 || length == 0) {
        assertThat(decode(BEGIN, cut)).hasSize(length == 0 ? 0 : length == 11 ? 1 : 2);
      } else {
        assertDamaged(BEGIN, cut);
      }
      assertThat(RecordFrame.wholeFrames(cut)).isEqualTo(length < 11 ? 0 : length < 19 ? 11 : 19);
    }
    assertDamaged(BEGIN.plus(1), frames);
  }

  private static void assertDamaged(Lsn begin, byte[] frames) {
    assertThatThrownBy(() -> RecordFrame.check(begin, frames))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DATA_CORRUPTED));
  }
}
