package dev.sheaf.columnar.arrow;

import dev.sheaf.columnar.kernel.Gather;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Copies a client's Arrow batches to the engine's batches, believing nothing about them: buffers
 * are measured, offsets and dictionary codes checked, text decoded, before a value is handed on.
 * Dictionary-encoded columns are decoded. One reader serves one stream. Not thread-safe.
 *
 * <p>Errors: 54011 too many columns; 0A000 a type that is not supported; 22P03 bytes that are not
 * what they claim to be; 22021 text that is not UTF-8 or holds a zero byte; and those of the
 * conversions (22003, 22007, 22008, 22P02, 42804).
 */
public final class ArrowReader {
  public static final int MAX_COLUMNS = 1600;

  private final DictionaryProvider dictionaries;
  private final List<Field> natural;
  private final List<Field> fields;
  private final List<DictionaryEncoding> encodings;

  private ArrowReader(
      Schema schema, DictionaryProvider dictionaries, @Nullable List<Field> targets) {
    if (schema.getFields().size() > MAX_COLUMNS) {
      throw new SheafException(
          ErrorCode.TOO_MANY_COLUMNS,
          "the batch has " + schema.getFields().size() + " columns; the limit is " + MAX_COLUMNS);
    }
    this.dictionaries = dictionaries;
    this.natural = new ArrayList<>();
    this.encodings = new ArrayList<>();
    for (var field : schema.getFields()) {
      natural.add(naturalField(field));
      encodings.add(field.getDictionary());
    }
    if (targets != null && targets.size() != natural.size()) {
      throw new SheafException(
          ErrorCode.PROTOCOL_VIOLATION,
          "the statement has "
              + targets.size()
              + " parameters, but "
              + natural.size()
              + " columns were bound");
    }
    this.fields = targets == null ? List.copyOf(natural) : List.copyOf(targets);
  }

  /** Reads each column as {@link ArrowTypes#sqlType} has it. */
  public static ArrowReader natural(Schema schema, DictionaryProvider dictionaries) {
    return new ArrowReader(schema, dictionaries, null);
  }

  /**
   * Reads the columns, by position, as the given types.
   *
   * <p>Conversions: integers of any width, decimals and floats among each other where the value
   * survives (22003 otherwise; a float is rounded to a DECIMAL's scale); text to any type by its
   * SQL literal form (22P02, 22007); any scalar to text; times and timestamps of any unit and zone
   * where no fraction of a microsecond is lost; 16 bytes to UUID. All else is 42804.
   *
   * @throws SheafException 08P01 if the number of columns differs
   */
  public static ArrowReader casting(
      Schema schema, DictionaryProvider dictionaries, List<Field> targets) {
    return new ArrowReader(schema, dictionaries, targets);
  }

  private Field naturalField(org.apache.arrow.vector.types.pojo.Field field) {
    DictionaryEncoding encoding = field.getDictionary();
    SqlType type =
        encoding == null
            ? ArrowTypes.sqlType(field)
            : ArrowTypes.sqlType(dictionary(encoding).getVector().getField());
    return new Field(field.getName(), type, field.isNullable());
  }

  private Dictionary dictionary(DictionaryEncoding encoding) {
    Dictionary dictionary = dictionaries.lookup(encoding.getId());
    if (dictionary == null) {
      throw new SheafException(
          ErrorCode.INVALID_BINARY_REPRESENTATION, "unknown dictionary " + encoding.getId());
    }
    return dictionary;
  }

  /** Names and types of the batches that this reader gives. */
  public List<Field> fields() {
    return fields;
  }

  /** All rows as one batch. */
  public Batch readAll(VectorSchemaRoot root) {
    checkShape(root);
    return read(root, 0, root.getRowCount());
  }

  /** All rows in batches of at most {@link Batch#MAX_ROWS}; none for no rows. */
  public List<Batch> readBatches(VectorSchemaRoot root) {
    checkShape(root);
    List<Batch> batches = new ArrayList<>();
    for (int from = 0; from < root.getRowCount(); from += Batch.MAX_ROWS) {
      batches.add(read(root, from, Math.min(Batch.MAX_ROWS, root.getRowCount() - from)));
    }
    return batches;
  }

  private void checkShape(VectorSchemaRoot root) {
    if (root.getFieldVectors().size() != fields.size()) {
      throw VectorChecks.invalid("the batch does not have the stream's columns");
    }
    for (FieldVector vector : root.getFieldVectors()) {
      VectorChecks.check(vector, root.getRowCount());
    }
  }

  private Batch read(VectorSchemaRoot root, int from, int count) {
    Vec[] columns = new Vec[fields.size()];
    for (int i = 0; i < columns.length; i++) {
      FieldVector vector = root.getVector(i);
      DictionaryEncoding encoding = encodings.get(i);
      Vec values =
          encoding == null
              ? readPlain(vector, from, count)
              : readEncoded(vector, dictionary(encoding).getVector(), from, count);
      columns[i] = ValueCast.cast(values, natural.get(i).type(), fields.get(i));
    }
    return Batch.of(columns, count);
  }

  private static Vec readPlain(FieldVector vector, int from, int count) {
    return BytesColumns.accepts(vector)
        ? BytesColumns.read(vector, from, count)
        : FixedColumns.read(vector, from, count);
  }

  private static Vec readEncoded(FieldVector codes, FieldVector dictionary, int from, int count) {
    int entries = dictionary.getValueCount();
    VectorChecks.check(dictionary, entries);
    int[] indices = FixedColumns.indices(codes, from, count);
    Vec rows = FixedColumns.read(codes, from, count);
    boolean anyNull = false;
    for (int i = 0; i < count; i++) {
      if (rows.isNull(i)) {
        indices[i] = -1;
        anyNull = true;
      } else if (indices[i] < 0 || indices[i] >= entries) {
        throw VectorChecks.invalid("a dictionary code is out of range");
      }
    }
    Vec values = readPlain(dictionary, 0, entries);
    return anyNull
        ? Gather.takeOrNull(values, indices, count)
        : Gather.take(values, indices, count);
  }
}
