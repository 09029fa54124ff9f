package dev.sheaf.columnar.arrow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.DateMilliVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.TimeStampMilliVector;
import org.apache.arrow.vector.TimeStampNanoVector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryEncoder;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Conversions of a client's columns, and refusals of those that lie. */
class ArrowReaderTest {
  private static final DictionaryProvider NO_DICTIONARIES =
      new DictionaryProvider.MapDictionaryProvider();

  private final BufferAllocator allocator = new RootAllocator();

  @AfterEach
  void nothingLeaks() {
    assertThat(allocator.getAllocatedMemory()).isZero();
    allocator.close();
  }

  @Test
  void convertsParametersWhereTheValueSurvives() {
    var decimal = SqlType.decimal(10, 2);
    assertThat(cast(longs(7), SqlType.INTEGER)).isEqualTo(7);
    assertThat(cast(longs(7), decimal)).isEqualTo(700L);
    assertThat(cast(longs(7), SqlType.DOUBLE)).isEqualTo(7.0);
    assertThat(text(cast(longs(-7), SqlType.TEXT))).isEqualTo("-7");
    assertThat(cast(doubles(7.0), SqlType.BIGINT)).isEqualTo(7L);
    assertThat(cast(doubles(2.675), decimal)).isEqualTo(268L);
    assertThat(cast(decimals("12.50"), SqlType.decimal(38, 4))).isEqualTo(new BigInteger("125000"));
    assertThat(cast(decimals("12.00"), SqlType.SMALLINT)).isEqualTo(12);
    assertThat(cast(strings("12.5"), decimal)).isEqualTo(1250L);
    assertThat(cast(strings("true"), SqlType.BOOLEAN)).isEqualTo(true);
    assertThat(cast(strings("1970-01-03"), SqlType.DATE)).isEqualTo(2);
    assertThat(cast(strings("1970-01-01 00:00:01.5"), SqlType.TIMESTAMP)).isEqualTo(1_500_000L);
    assertThat(cast(strings("1970-01-01T01:00:01+01:00"), SqlType.TIMESTAMPTZ))
        .isEqualTo(1_000_000L);
    assertThat(cast(millis(1_500), SqlType.TIMESTAMP)).isEqualTo(1_500_000L);
    assertThat(cast(millis(-1), SqlType.DATE)).isEqualTo(-1);
    assertThat(text(cast(strings("0b5a4c6e-0000-4000-8000-00000000000a"), SqlType.TEXT)))
        .startsWith("0b5a4c6e");
    assertThat((byte[]) cast(strings("0b5a4c6e-0000-4000-8000-00000000000a"), SqlType.UUID))
        .hasSize(16);
    assertThat(cast(a -> new NullVector("p", 1), SqlType.BIGINT)).isNull();
  }

  @Test
  void refusesWhereItDoesNot() {
    refused("22003", longs(70_000), SqlType.SMALLINT);
    refused("22003", doubles(7.9), SqlType.BIGINT);
    refused("22003", doubles(Double.NaN), SqlType.decimal(10, 2));
    refused("22003", decimals("0.01"), SqlType.decimal(10, 1));
    refused("22003", longs(100), SqlType.decimal(2, 0));
    refused("22003", strings("1e-999999999"), SqlType.decimal(2, 0));
    refused("22P02", strings("seven"), SqlType.BIGINT);
    refused("22P02", strings("maybe"), SqlType.BOOLEAN);
    refused("22P02", strings("not-a-uuid"), SqlType.UUID);
    refused("22001", strings("four"), SqlType.varchar(3));
    refused("22008", strings("2023-02-30"), SqlType.DATE);
    refused("42804", longs(1), SqlType.BOOLEAN);
    refused("42804", longs(1), SqlType.DATE);
    refused("22003", nanos(1), SqlType.TIMESTAMP);
    refused("22008", millis(Long.MAX_VALUE), SqlType.TIMESTAMP);
    refused("0A000", a -> ListVector.empty("p", a), SqlType.TEXT);
  }

  @Test
  void readsUnusualLayoutsAsTheyAre() {
    assertThat(natural(a -> set(new UInt8Vector("c", a), v -> v.setSafe(0, -1))))
        .isEqualTo(BigInteger.TWO.pow(64).subtract(BigInteger.ONE));
    assertThat(natural(a -> set(new DateMilliVector("c", a), v -> v.setSafe(0, -86_400_001L))))
        .isEqualTo(-2);
    assertThat(
            text(
                natural(a ->
                    set(
                        new LargeVarCharVector("c", a),
                        v -> v.setSafe(0, "né".getBytes(StandardCharsets.UTF_8))))))
        .isEqualTo("né");
  }

  @Test
  void decodesDictionaries() {
    try (var words = new VarCharVector("words", allocator);
        var plain = new VarCharVector("w", allocator)) {
      for (int i = 0; i < 3; i++) {
        words.setSafe(i, ("word" + i).getBytes(StandardCharsets.UTF_8));
        plain.setSafe(i, ("word" + (2 - i)).getBytes(StandardCharsets.UTF_8));
      }
      words.setValueCount(3);
      plain.setNull(3);
      plain.setValueCount(4);
      var dictionary = new Dictionary(words, new DictionaryEncoding(1, false, null));
      var provider = new DictionaryProvider.MapDictionaryProvider(dictionary);
      try (var root =
          VectorSchemaRoot.of((FieldVector) DictionaryEncoder.encode(plain, dictionary))) {
        Batch batch = ArrowReader.natural(root.getSchema(), provider).readAll(root);
        assertThat(text(batch.column(0).value(0))).isEqualTo("word2");
        assertThat(text(batch.column(0).value(2))).isEqualTo("word0");
        assertThat(batch.column(0).value(3)).isNull();
        words.setNull(3);
        words.setValueCount(4);
        ((IntVector) root.getVector(0)).set(1, 3);
        batch = ArrowReader.natural(root.getSchema(), provider).readAll(root);
        assertThat(batch.column(0).value(1)).as("an entry that is NULL").isNull();
        assertThat(text(batch.column(0).value(2))).isEqualTo("word0");
        ((IntVector) root.getVector(0)).set(1, 4);
        assertCode("22P03", () -> ArrowReader.natural(root.getSchema(), provider).readAll(root));
      }
    }
  }

  @Test
  void refusesColumnsThatLie() {
    try (var vector = new VarCharVector("c", allocator)) {
      vector.setSafe(0, "abc".getBytes(StandardCharsets.UTF_8));
      vector.setSafe(1, "def".getBytes(StandardCharsets.UTF_8));
      vector.setValueCount(2);
      for (int[] offsets : new int[][] {{0, 5, 3}, {-4, 0, 3}, {0, 3, 1 << 30}}) {
        for (int i = 0; i < 3; i++) {
          vector.getOffsetBuffer().setInt(4L * i, offsets[i]);
        }
        assertCode("22P03", () -> readNatural(vector));
      }
      for (int i = 0; i < 3; i++) {
        vector.getOffsetBuffer().setInt(4L * i, 3 * i);
      }
      vector.getDataBuffer().setByte(1, 0xFF);
      assertCode("22021", () -> readNatural(vector));
      vector.getDataBuffer().setByte(1, 0);
      assertCode("22021", () -> readNatural(vector));
    }
    var wide =
        new Schema(
            java.util.stream.IntStream.range(0, 2000)
                .mapToObj(i -> ArrowTypes.tableColumn(field(SqlType.TEXT), java.util.Map.of()))
                .toList());
    assertCode("54011", () -> ArrowReader.natural(wide, NO_DICTIONARIES));
  }

  private void refused(
      String sqlState, Function<BufferAllocator, FieldVector> column, SqlType target) {
    assertCode(sqlState, () -> cast(column, target));
  }

  private static void assertCode(
      String sqlState, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SheafException.class,
            e -> assertThat(e.sqlState()).as(e.message()).isEqualTo(sqlState));
  }

  private @Nullable Object cast(Function<BufferAllocator, FieldVector> column, SqlType target) {
    try (FieldVector vector = column.apply(allocator)) {
      var root = VectorSchemaRoot.of(vector);
      return ArrowReader.casting(root.getSchema(), NO_DICTIONARIES, List.of(field(target)))
          .readAll(root)
          .column(0)
          .value(0);
    }
  }

  private @Nullable Object natural(Function<BufferAllocator, FieldVector> column) {
    try (FieldVector vector = column.apply(allocator)) {
      return readNatural(vector).column(0).value(0);
    }
  }

  private static Batch readNatural(FieldVector vector) {
    var root = VectorSchemaRoot.of(vector);
    return ArrowReader.natural(root.getSchema(), NO_DICTIONARIES).readAll(root);
  }

  private static Field field(SqlType type) {
    return new Field("p", type, true);
  }

  private static String text(@Nullable Object value) {
    assertThat(value).isInstanceOf(byte[].class);
    return new String((byte[]) value, StandardCharsets.UTF_8);
  }

  private static <V extends FieldVector> V set(V vector, java.util.function.Consumer<V> values) {
    values.accept(vector);
    vector.setValueCount(1);
    return vector;
  }

  private static Function<BufferAllocator, FieldVector> longs(long value) {
    return a -> set(new BigIntVector("p", a), v -> v.setSafe(0, value));
  }

  private static Function<BufferAllocator, FieldVector> doubles(double value) {
    return a -> set(new Float8Vector("p", a), v -> v.setSafe(0, value));
  }

  private static Function<BufferAllocator, FieldVector> decimals(String value) {
    return a ->
        set(new DecimalVector("p", a, 20, 2), v -> v.setSafe(0, new BigDecimal(value).setScale(2)));
  }

  private static Function<BufferAllocator, FieldVector> strings(String value) {
    return a ->
        set(new VarCharVector("p", a), v -> v.setSafe(0, value.getBytes(StandardCharsets.UTF_8)));
  }

  private static Function<BufferAllocator, FieldVector> millis(long value) {
    return a -> set(new TimeStampMilliVector("p", a), v -> v.setSafe(0, value));
  }

  private static Function<BufferAllocator, FieldVector> nanos(long value) {
    return a -> set(new TimeStampNanoVector("p", a), v -> v.setSafe(0, value));
  }
}
