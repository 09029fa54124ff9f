package dev.sheaf.compute.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.columnar.text.TextParser;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.compute.sql.ParsedStatement.CopyFormat;
import dev.sheaf.compute.sql.ParsedStatement.CopyOptions;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class CsvRowsTest {
  private static final long SEED = Long.getLong("sheaf.seed", 11);
  private static final CopyOptions OPTIONS =
      new CopyOptions(CopyFormat.CSV, false, ';', '\'', "nil");

  private static final String[] PIECES = {
    "a", "'", ";", "\n", "\r", "\r\n", "nil", "\u00e9", "\u4e2d", "\ud83d\ude00", " ", "\"", "\\"
  };

  private static List<List<@Nullable Object>> read(InputStream in, SqlType... types) {
    List<Field> fields = new ArrayList<>();
    for (SqlType type : types) {
      fields.add(new Field("c" + fields.size(), type, true));
    }
    List<List<@Nullable Object>> found = new ArrayList<>();
    try (var rows = new CsvRows(in, OPTIONS, fields, new TextParser(ZoneOffset.UTC))) {
      for (Batch batch = rows.next(); batch != null; batch = rows.next()) {
        for (int i = 0; i < batch.rows(); i++) {
          List<@Nullable Object> row = new ArrayList<>();
          for (var column : batch.columns()) {
            Object value = column.value(i);
            row.add(
                value instanceof byte[] text ? new String(text, StandardCharsets.UTF_8) : value);
          }
          found.add(row);
        }
      }
    }
    return found;
  }

  private static InputStream bytes(String csv) {
    return new ByteArrayInputStream(csv.getBytes(StandardCharsets.UTF_8));
  }

  /** Gives a few bytes at a time, so that everything comes to lie on the edge of a read. */
  private static InputStream dripping(String csv, Random random) {
    return new ByteArrayInputStream(csv.getBytes(StandardCharsets.UTF_8)) {
      @Override
      public synchronized int read(byte[] into, int from, int length) {
        return super.read(into, from, Math.min(length, 1 + random.nextInt(5)));
      }
    };
  }

  @Test
  void randomTextComesBackHoweverItIsReadAndEndsItsLines() {
    var random = new Random(SEED);
    for (String lineEnd : new String[] {"\n", "\r\n", "\r"}) {
      List<List<@Nullable Object>> rows = new ArrayList<>();
      var csv = new StringBuilder(random.nextBoolean() ? "\uFEFF" : "");
      for (int r = 0; r < 300; r++) {
        String first = text(random, r % 50 == 0 ? 50_000 : 6);
        String second = random.nextInt(5) == 0 ? null : text(random, 6);
        rows.add(Arrays.asList(first, second, (long) r));
        csv.append(csv(first, random)).append(';');
        csv.append(second == null ? "nil" : csv(second, random)).append(';');
        csv.append(r).append(r < 299 || random.nextBoolean() ? lineEnd : "");
      }
      assertThat(
              read(
                  dripping(csv.toString(), random),
                  SqlType.varchar(-1),
                  SqlType.varchar(-1),
                  SqlType.BIGINT))
          .as("-Dsheaf.seed=%d", SEED)
          .isEqualTo(rows);
    }
  }

  private static String text(Random random, int pieces) {
    var text = new StringBuilder();
    for (int i = random.nextInt(pieces); i > 0; i--) {
      text.append(PIECES[random.nextInt(PIECES.length)]);
    }
    return text.toString();
  }

  /** Quoted as a whole, or only the parts that need it. */
  private static String csv(String text, Random random) {
    if (text.isEmpty() || text.equals("nil") || random.nextBoolean()) {
      return "'" + text.replace("'", "''") + "'";
    }
    var csv = new StringBuilder();
    boolean quoted = false;
    for (char c : text.toCharArray()) {
      boolean special = ";'\r\n".indexOf(c) >= 0;
      if (special != quoted) {
        csv.append('\'');
        quoted = special;
      }
      csv.append(c == '\'' ? "''" : Character.toString(c));
    }
    return csv.append(quoted ? "'" : "").toString();
  }

  @Test
  void valuesOfAnyFormAreRead() {
    assertThat(
            read(
                bytes(
                    """
                    1;-2.50;2024-02-29;text
                    +1; -2.5 ;2024-2-29;'nil'
                    nil;nil;nil;nil
                    32767;.005;2024-02-28 BC;
                    """),
                SqlType.SMALLINT,
                SqlType.decimal(5, 2),
                SqlType.DATE,
                SqlType.varchar(-1)))
        .isEqualTo(
            List.of(
                List.of(1, -250L, 19782, "text"),
                List.of(1, -250L, 19782, "nil"),
                Arrays.asList(null, null, null, null),
                List.of(32767, 1L, (int) LocalDate.of(-2023, 2, 28).toEpochDay(), "")));
  }

  @Test
  void errorsNameTheLine() {
    Object[][] files = {
      {"1\n2\n32768\n", ErrorCode.NUMERIC_VALUE_OUT_OF_RANGE, "line 3, column \"c0\""},
      {"1\n-32769\n", ErrorCode.NUMERIC_VALUE_OUT_OF_RANGE, "line 2, column \"c0\""},
      {"'1\n'\n1x", ErrorCode.INVALID_TEXT_REPRESENTATION, "line 3, column \"c0\""},
      {"1\r2\r3;4", ErrorCode.BAD_COPY_FILE_FORMAT, "line 3: extra data"},
      {"1\n'2", ErrorCode.BAD_COPY_FILE_FORMAT, "line 2: unterminated"},
      {"1\n'\n\0'", ErrorCode.CHARACTER_NOT_IN_REPERTOIRE, "line 3: zero byte"},
    };
    for (Object[] file : files) {
      assertThatThrownBy(() -> read(bytes((String) file[0]), SqlType.SMALLINT))
          .isInstanceOfSatisfying(
              SheafException.class,
              e -> {
                assertThat(e.code()).isEqualTo(file[1]);
                assertThat(e.message()).contains((String) file[2]);
              });
    }
  }

  @Test
  void aRecordMayBeLongButNotEndless() {
    String longest = "x".repeat(10 << 20);
    assertThat(read(bytes(longest + "\ny"), SqlType.varchar(-1)))
        .isEqualTo(List.of(List.of(longest), List.of("y")));
    assertThatThrownBy(() -> read(bytes("'" + longest.repeat(4)), SqlType.varchar(-1)))
        .isInstanceOfSatisfying(
            SheafException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.PROGRAM_LIMIT_EXCEEDED));
  }
}
