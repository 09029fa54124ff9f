package dev.sheaf.columnar.arrow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the writer writes, the reader reads: every type, nulls, selections, any batch sizes. */
class ArrowRoundTripTest {
  private static final long SEED = Long.getLong("sheaf.seed", 20261122L);

  private static final List<SqlType> TYPES =
      List.of(
          SqlType.BOOLEAN,
          SqlType.SMALLINT,
          SqlType.INTEGER,
          SqlType.BIGINT,
          SqlType.REAL,
          SqlType.DOUBLE,
          SqlType.decimal(9, 2),
          SqlType.decimal(18, 18),
          SqlType.decimal(38, 0),
          SqlType.decimal(38, 38),
          SqlType.TEXT,
          SqlType.character(3),
          SqlType.BYTEA,
          SqlType.DATE,
          SqlType.TIME,
          SqlType.TIMESTAMP,
          SqlType.TIMESTAMPTZ,
          SqlType.UUID,
          SqlType.INTERVAL_YEAR_MONTH,
          SqlType.INTERVAL_DAY_TIME);

  @Test
  void everyTypeSurvivesTheRoundTrip() {
    Random random = new Random(SEED);
    List<Field> fields =
        IntStream.range(0, TYPES.size())
            .mapToObj(i -> new Field("c" + i, TYPES.get(i), true))
            .toList();
    for (int round = 0; round < 40; round++) {
      List<Batch> batches = new ArrayList<>();
      List<List<@Nullable Object>> expected = new ArrayList<>();
      int count = random.nextInt(6);
      for (int b = 0; b < count; b++) {
        Batch batch = randomBatch(random, random.nextInt(300));
        batches.add(batch);
        expected.addAll(rows(batch));
      }
      assertThat(throughArrow(fields, batches))
          .as("-Dsheaf.seed=%d, round %d", SEED, round)
          .isEqualTo(expected);
    }
  }

  @Test
  void largeValuesAreCutIntoSeveralBatches() {
    byte[] megabyte = new byte[1 << 20];
    Arrays.fill(megabyte, (byte) 'x');
    @Nullable Object[] values = new Object[40];
    Arrays.fill(values, megabyte);
    values[7] = null;
    List<Field> fields = List.of(new Field("t", SqlType.TEXT, true));
    Batch batch = Batch.of(new Vec[] {VecFiller.of(SqlType.TEXT.physical(), values)}, 40);
    try (var allocator = new RootAllocator()) {
      int rows = 0;
      int largest = 0;
      try (var writer = new ArrowWriter(fields, source(List.of(batch)), allocator)) {
        while (writer.next()) {
          rows += writer.root().getRowCount();
          largest = Math.max(largest, writer.root().getRowCount());
        }
      }
      assertThat(rows).isEqualTo(40);
      assertThat(largest).isEqualTo(8);
      assertThat(allocator.getAllocatedMemory()).isZero();
    }
  }

  @Test
  void smallBatchesAreJoinedAfterTheFirst() {
    Random random = new Random(SEED);
    List<Field> fields =
        IntStream.range(0, TYPES.size())
            .mapToObj(i -> new Field("c" + i, TYPES.get(i), true))
            .toList();
    List<Batch> batches = IntStream.range(0, 50).mapToObj(i -> randomBatch(random, 100)).toList();
    try (var allocator = new RootAllocator();
        var writer = new ArrowWriter(fields, source(batches), allocator)) {
      assertThat(writer.next()).isTrue();
      int first = writer.root().getRowCount();
      assertThat(writer.next()).isTrue();
      int second = writer.root().getRowCount();
      assertThat(writer.next()).isFalse();
      assertThat(first).isLessThanOrEqualTo(100);
      assertThat(first + second).isEqualTo(batches.stream().mapToInt(Batch::selected).sum());
    }
  }

  private static List<List<@Nullable Object>> throughArrow(
      List<Field> fields, List<Batch> batches) {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    try (var allocator = new RootAllocator()) {
      try (var writer = new ArrowWriter(fields, source(batches), allocator)) {
        var reader =
            ArrowReader.casting(
                writer.root().getSchema(), new DictionaryProvider.MapDictionaryProvider(), fields);
        while (writer.next()) {
          reader.readBatches(writer.root()).forEach(b -> rows.addAll(rows(b)));
        }
      }
      assertThat(allocator.getAllocatedMemory()).isZero();
    }
    return rows;
  }

  private static List<List<@Nullable Object>> rows(Batch batch) {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (int i = 0; i < batch.selected(); i++) {
      List<@Nullable Object> row = new ArrayList<>();
      for (Vec column : batch.columns()) {
        Object value = column.value(batch.row(i));
        row.add(value instanceof byte[] bytes ? Arrays.toString(bytes) : value);
      }
      rows.add(row);
    }
    return rows;
  }

  static BatchSource source(List<Batch> batches) {
    Iterator<Batch> left = batches.iterator();
    return new BatchSource() {
      @Override
      public @Nullable Batch next() {
        return left.hasNext() ? left.next() : null;
      }

      @Override
      public void close() {}
    };
  }

  private static Batch randomBatch(Random random, int rows) {
    Vec[] columns = new Vec[TYPES.size()];
    for (int c = 0; c < columns.length; c++) {
      int nullsPercent = random.nextInt(3) * 40;
      @Nullable Object[] values = new Object[rows];
      for (int i = 0; i < rows; i++) {
        values[i] = random.nextInt(100) < nullsPercent ? null : randomValue(random, TYPES.get(c));
      }
      columns[c] = VecFiller.of(TYPES.get(c).physical(), values);
    }
    if (random.nextBoolean()) {
      return Batch.of(columns, rows);
    }
    int[] selection = IntStream.range(0, rows).filter(i -> random.nextInt(3) > 0).toArray();
    return Batch.of(columns, rows).select(selection, selection.length);
  }

  private static Object randomValue(Random random, SqlType type) {
    return switch (type.kind()) {
      case BOOLEAN -> random.nextBoolean();
      case SMALLINT -> (int) (short) random.nextInt();
      case INTEGER, DATE, INTERVAL_YEAR_MONTH -> random.nextInt();
      case BIGINT, TIMESTAMP, TIMESTAMPTZ, INTERVAL_DAY_TIME -> random.nextLong();
      case TIME -> random.nextLong(86_400_000_000L);
      case REAL -> (double) random.nextFloat();
      case DOUBLE -> random.nextGaussian() * 1e9;
      case DECIMAL -> {
        BigInteger unscaled = new BigInteger(130, random).mod(BigInteger.TEN.pow(type.precision()));
        BigInteger signed = random.nextBoolean() ? unscaled : unscaled.negate();
        yield type.precision() <= 18 ? (Object) signed.longValueExact() : signed;
      }
      case NULL, VARCHAR -> text(random, random.nextInt(20));
      case CHAR -> text(random, 3);
      case BYTEA, UUID -> {
        byte[] bytes = new byte[type.kind() == SqlType.Kind.UUID ? 16 : random.nextInt(9)];
        random.nextBytes(bytes);
        yield bytes;
      }
    };
  }

  private static byte[] text(Random random, int length) {
    var out = new StringBuilder();
    for (int i = 0; i < length; i++) {
      out.appendCodePoint(random.nextInt(4) > 0 ? 'a' + random.nextInt(26) : 0x1F600 + i);
    }
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }
}
