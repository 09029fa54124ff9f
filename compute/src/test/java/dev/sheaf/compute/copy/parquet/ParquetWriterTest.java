package dev.sheaf.compute.copy.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.columnar.kernel.Vectors;
import dev.sheaf.columnar.memory.MemoryBudget;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files as DuckDB reads them. */
final class ParquetWriterTest {
  /** Each with what DuckDB makes of it, and the SQL by which its values can be compared. */
  private enum Kind {
    BOOLEAN(SqlType.BOOLEAN, "BOOLEAN", "?::INT"),
    SMALLINT(SqlType.SMALLINT, "SMALLINT", "?"),
    INTEGER(SqlType.INTEGER, "INTEGER", "?"),
    BIGINT(SqlType.BIGINT, "BIGINT", "?"),
    REAL(SqlType.REAL, "FLOAT", "?"),
    DOUBLE(SqlType.DOUBLE, "DOUBLE", "?"),
    DECIMAL9(SqlType.decimal(9, 2), "DECIMAL(9,2)", "?"),
    DECIMAL18(SqlType.decimal(18, 0), "DECIMAL(18,0)", "?"),
    DECIMAL38(SqlType.decimal(38, 10), "DECIMAL(38,10)", "?"),
    TEXT(SqlType.TEXT, "VARCHAR", "?"),
    CHAR(SqlType.character(3), "VARCHAR", "?"),
    BYTEA(SqlType.BYTEA, "BLOB", "lower(hex(?))"),
    UUID(SqlType.UUID, "UUID", "replace(?::VARCHAR, '-', '')"),
    DATE(SqlType.DATE, "DATE", "datediff('day', DATE '1970-01-01', ?)"),
    TIME(SqlType.TIME, "TIME", "epoch_us(DATE '1970-01-01' + ?)"),
    TIMESTAMP(SqlType.TIMESTAMP, "TIMESTAMP", "epoch_us(?)"),
    TIMESTAMPTZ(SqlType.TIMESTAMPTZ, "TIMESTAMP WITH TIME ZONE", "epoch_us(?)");

    final SqlType type;
    final String duckType;
    final String comparable;

    Kind(SqlType type, String duckType, String comparable) {
      this.type = type;
      this.duckType = duckType;
      this.comparable = comparable;
    }

    Object random(Random random, int distinct) {
      var seeded = new Random(distinct == 0 ? random.nextLong() : random.nextInt(distinct));
      seeded.nextLong();
      long any = seeded.nextLong();
      return switch (this) {
        case BOOLEAN -> any > 0;
        case SMALLINT -> (int) (short) any;
        case INTEGER -> (int) any;
        case BIGINT -> any;
        case REAL -> (double) Float.intBitsToFloat(seeded.nextInt());
        case DOUBLE -> Double.longBitsToDouble(any);
        case DECIMAL9 -> any % 1_000_000_000L;
        case DECIMAL18 -> any % 1_000_000_000_000_000_000L;
        case DECIMAL38 ->
            any < 0 ? new BigInteger(120, seeded).negate() : new BigInteger(120, seeded);
        case TEXT -> text("ü\0'" + Long.toString(any, 36).repeat(seeded.nextInt(3)));
        case CHAR -> text("abc".substring(0, (int) (any & 3)));
        case BYTEA -> bytes(seeded, seeded.nextInt(20));
        case UUID -> bytes(seeded, 16);
        case DATE -> (int) (any % 1_000_000);
        case TIME -> Math.floorMod(any, 86_400_000_000L);
        case TIMESTAMP, TIMESTAMPTZ -> any % (1L << 55);
      };
    }

    private static byte[] text(String text) {
      return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] bytes(Random random, int length) {
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      return bytes;
    }

    /** As text that DuckDB's value is compared with. */
    String expected(Object value) {
      return switch (value) {
        case null -> null;
        case Boolean b -> b ? "1" : "0";
        case byte[] b when this == TEXT || this == CHAR -> new String(b, StandardCharsets.UTF_8);
        case byte[] b -> HexFormat.of().formatHex(b);
        case Double d when this == REAL -> "f" + Float.floatToIntBits(d.floatValue());
        case Double d -> "d" + Double.doubleToLongBits(d);
        case Number n when type.kind() == SqlType.Kind.DECIMAL ->
            new BigDecimal(new BigInteger(n.toString()), type.scale()).toPlainString();
        default -> value.toString();
      };
    }

    String found(ResultSet rows, int column) throws SQLException {
      if (rows.getObject(column) == null) {
        return null;
      }
      return switch (this) {
        case REAL -> "f" + Float.floatToIntBits(rows.getFloat(column));
        case DOUBLE -> "d" + Double.doubleToLongBits(rows.getDouble(column));
        case DECIMAL9, DECIMAL18, DECIMAL38 -> rows.getBigDecimal(column).toPlainString();
        default -> rows.getString(column);
      };
    }
  }

  @TempDir Path folder;

  private record Batches(List<Batch> all) implements BatchSource {
    @Override
    public Batch next() {
      return all.isEmpty() ? null : all.removeFirst();
    }

    @Override
    public void close() {}
  }

  private static List<Field> fields() {
    return Arrays.stream(Kind.values()).map(k -> new Field(k.name(), k.type, true)).toList();
  }

  /** Columns of all types; {@code distinct} values each, 0 = as many as rows; NULLs in per cent. */
  @ParameterizedTest
  @CsvSource({
    "1, 0, 0, 0, 1000000",
    "2, 1, 0, 0, 1000000",
    "3, 100, 5, 100, 1000000",
    "4, 9, 1, 50, 1000000",
    "5, 5000, 3, 0, 1000000",
    "6, 40000, 0, 1, 500000000",
    "7, 40000, 700, 30, 500000000",
    "8, 100000, 90000, 2, 3000000",
    "9, 100000, 2, 97, 3000000"
  })
  void whatIsReadIsWhatWasWritten(long seed, int rows, int distinct, int nulls, long groupBytes)
      throws Exception {
    var random = new Random(seed);
    var expected = new ArrayList<List<String>>();
    List<Batch> batches = batches(random, rows, distinct, nulls, expected);
    Path file = Files.createFile(folder.resolve("all.parquet"));
    var memory = new MemoryBudget("test", 1L << 30);
    assertThat(
            ParquetWriter.write(
                file, fields(), new Batches(batches), "Sheaf test", memory, groupBytes))
        .isEqualTo(rows);
    assertThat(memory.usedBytes()).isZero();
    assertThat(memory.peakBytes()).isLessThan(2 * groupBytes + (64L << 20));

    try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duck.createStatement()) {
      assertThat(column(statement, "SELECT column_type FROM (DESCRIBE SELECT * FROM '%s')", file))
          .isEqualTo(Arrays.stream(Kind.values()).map(k -> k.duckType).toList());
      compare(statement, file, expected);
      if (groupBytes < 10_000_000 && rows > 50_000) {
        String groups = "SELECT max(row_group_id) + 1 FROM parquet_metadata('%s')";
        assertThat(Integer.parseInt(column(statement, groups, file).getFirst()))
            .as("seed %d", seed)
            .isGreaterThan(1);
      }
      long least =
          expected.stream().filter(r -> r.get(2) != null && Long.parseLong(r.get(2)) > 0).count();
      assertThat(column(statement, "SELECT count(*) FROM '%s' WHERE \"INTEGER\" > 0", file))
          .containsExactly(Long.toString(least));
    }
  }

  private static List<Batch> batches(
      Random random, int rows, int distinct, int nulls, List<List<String>> expected) {
    var batches = new ArrayList<Batch>();
    Kind[] kinds = Kind.values();
    while (expected.size() < rows) {
      int count = Math.min(rows - expected.size(), 1 + random.nextInt(Batch.MAX_ROWS - 1));
      // Every second row is not selected.
      boolean sparse = random.nextInt(4) == 0;
      int physical = sparse ? 2 * count : count;
      int[] selection = new int[count];
      Object[][] values = new Object[kinds.length][physical];
      for (int i = 0; i < count; i++) {
        int row = sparse ? 2 * i + 1 : i;
        selection[i] = row;
        var texts = new ArrayList<String>();
        for (int k = 0; k < kinds.length; k++) {
          Object value = random.nextInt(100) < nulls ? null : kinds[k].random(random, distinct);
          values[k][row] = value;
          texts.add(kinds[k].expected(value));
        }
        expected.add(texts);
      }
      Vec[] vectors = new Vec[kinds.length];
      for (int k = 0; k < kinds.length; k++) {
        vectors[k] = Vectors.of(kinds[k].type.physical(), values[k]);
      }
      batches.add(
          sparse ? new Batch(vectors, physical, selection, count) : Batch.of(vectors, count));
    }
    return batches;
  }

  private static void compare(Statement statement, Path file, List<List<String>> expected)
      throws SQLException {
    Kind[] kinds = Kind.values();
    String columns =
        String.join(
            ", ",
            Arrays.stream(kinds)
                .map(k -> k.comparable.replace("?", '"' + k.name() + '"'))
                .toList());
    try (ResultSet rows = statement.executeQuery("SELECT " + columns + " FROM '" + file + "'")) {
      int row = 0;
      while (rows.next()) {
        for (int k = 0; k < kinds.length; k++) {
          String found = kinds[k].found(rows, k + 1);
          if (!java.util.Objects.equals(found, expected.get(row).get(k))) {
            assertThat(found).as("row %d, %s", row, kinds[k]).isEqualTo(expected.get(row).get(k));
          }
        }
        row++;
      }
      assertThat(row).isEqualTo(expected.size());
    }
  }

  private static List<String> column(Statement statement, String sql, Path file)
      throws SQLException {
    try (ResultSet rows = statement.executeQuery(sql.formatted(file))) {
      var values = new ArrayList<String>();
      while (rows.next()) {
        values.add(rows.getString(1));
      }
      return values;
    }
  }

  @Test
  void repeatedValuesTakeLittleRoom() throws IOException {
    var random = new Random(1);
    Path file = Files.createFile(folder.resolve("small.parquet"));
    var fields = List.of(new Field("t", SqlType.TEXT, true), new Field("n", SqlType.BIGINT, true));
    var batches = new ArrayList<Batch>();
    for (int b = 0; b < 50; b++) {
      Object[] texts = new Object[4000];
      Object[] numbers = new Object[4000];
      for (int i = 0; i < texts.length; i++) {
        texts[i] = Kind.text("one of a few longer texts " + random.nextInt(16));
        numbers[i] = 1_000_000_007L * random.nextInt(256);
      }
      batches.add(
          Batch.of(
              new Vec[] {
                Vectors.of(SqlType.TEXT.physical(), texts),
                Vectors.of(SqlType.BIGINT.physical(), numbers)
              },
              texts.length));
    }
    ParquetWriter.write(
        file, fields, new Batches(batches), "Sheaf test", new MemoryBudget("test", 64L << 20));
    // 4 and 8 bits a row.
    assertThat(Files.size(file)).isLessThan(200_000 * 12 / 8 + 10_000);
  }

  @Test
  void whatParquetCannotHoldIsRefused() throws IOException {
    Path file = Files.createFile(folder.resolve("no.parquet"));
    var interval = List.of(new Field("i", SqlType.INTERVAL_DAY_TIME, true));
    var twice = List.of(new Field("a", SqlType.TEXT, true), new Field("a", SqlType.TEXT, true));
    assertThatThrownBy(() -> write(file, interval))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.sqlState()).isEqualTo("0A000"));
    assertThatThrownBy(() -> write(file, twice))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.sqlState()).isEqualTo("42701"));
  }

  private static void write(Path file, List<Field> fields) throws IOException {
    ParquetWriter.write(
        file,
        fields,
        new Batches(new ArrayList<>()),
        "Sheaf test",
        new MemoryBudget("test", 1L << 20));
  }
}
