package dev.sheaf.columnar.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.columnar.kernel.Utf8;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.SqlType;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PlainTextTest {
  private static final long SEED = Long.getLong("sheaf.seed", 11);
  private static final int TEXTS = 200_000;

  private final TextParser parser = new TextParser(ZoneOffset.UTC);

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0",
    "-17, 0, -17",
    "999999999999999999, 0, 999999999999999999",
    "1.5, 2, 150",
    "-0.01, 2, -1",
    "7, 2, 700",
    "17954.55, 2, 1795455",
    "9999999999999999.99, 2, 999999999999999999",
  })
  void plainNumbersAreRead(String text, int scale, long expected) {
    assertThat(decimal(text, scale)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "'', 0",
    "-, 0",
    "+1, 0",
    "' 1', 0",
    "1., 2",
    ".5, 2",
    "1.234, 2",
    "1e3, 2",
    "1.5, 0",
    "1000000000000000000, 0",
    "99999999999999999.99, 2",
    "10000000000000000, 2",
    "1-, 0",
    "--1, 0",
  })
  void otherFormsAreLeftToTheParser(String text, int scale) {
    assertThat(decimal(text, scale)).isEqualTo(PlainText.OTHER);
  }

  private static long decimal(String text, int scale) {
    byte[] bytes = ("9" + text + "9").getBytes(StandardCharsets.UTF_8);
    return PlainText.decimal(bytes, 1, bytes.length - 1, scale);
  }

  @Test
  void whatIsReadIsWhatTheParserReads() {
    var random = new Random(SEED);
    String[] alphabets = {"0123456789", "0123456789.-", "01239-", "0123456789-+. e"};
    SqlType decimal = SqlType.decimal(18, 3);
    int plain = 0;
    for (int i = 0; i < TEXTS; i++) {
      String alphabet = alphabets[random.nextInt(alphabets.length)];
      var text = new StringBuilder();
      for (int c = random.nextInt(21); c > 0; c--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      if (random.nextInt(4) == 0) {
        text.setLength(0);
        text.append(
            "%04d-%02d-%02d"
                .formatted(random.nextInt(3000), random.nextInt(14), random.nextInt(33)));
      }
      byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
      long[] read = {
        PlainText.integer(bytes, 0, bytes.length),
        PlainText.decimal(bytes, 0, bytes.length, 3),
        PlainText.date(bytes, 0, bytes.length)
      };
      SqlType[] types = {SqlType.BIGINT, decimal, SqlType.DATE};
      for (int t = 0; t < read.length; t++) {
        if (read[t] != PlainText.OTHER) {
          plain++;
          assertThat(parsed(text.toString(), types[t]))
              .as("%s as %s, -Dsheaf.seed=%d", text, types[t], SEED)
              .isEqualTo(read[t]);
        }
      }
    }
    assertThat(plain).isGreaterThan(TEXTS / 4);
  }

  private long parsed(String text, SqlType type) {
    try {
      return ((Number) parser.parse(text, type)).longValue();
    } catch (SheafException e) {
      throw new AssertionError(text + " is refused", e);
    }
  }

  @Test
  void textIsValidWhenTheDecoderTakesIt() {
    var random = new Random(SEED);
    int[] leads = {0x41, 0x7F, 0x80, 0xBF, 0xC1, 0xC3, 0xE0, 0xE2, 0xED, 0xF0, 0xF1, 0xF4, 0xF5};
    int[] follows = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF};
    int valid = 0;
    for (int i = 0; i < TEXTS; i++) {
      byte[] bytes = new byte[random.nextInt(6)];
      for (int b = 0; b < bytes.length; b++) {
        int[] from = b % 3 == 0 ? leads : follows;
        bytes[b] = (byte) from[random.nextInt(from.length)];
      }
      boolean expected = isUtf8(bytes);
      valid += expected ? 1 : 0;
      assertThat(Utf8.isValid(bytes, 0, bytes.length))
          .as("%s, -Dsheaf.seed=%d", HexFormat.of().formatHex(bytes), SEED)
          .isEqualTo(expected);
    }
    assertThat(valid).isGreaterThan(TEXTS / 10);
  }

  private static boolean isUtf8(byte[] bytes) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
