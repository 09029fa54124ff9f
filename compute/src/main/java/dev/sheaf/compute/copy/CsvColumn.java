package dev.sheaf.compute.copy;

import dev.sheaf.columnar.text.PlainText;
import dev.sheaf.columnar.text.TextParser;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.storage.VecBuilder;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.PhysicalType;

/** One column of a CSV file on its way to vectors. Used by one thread. */
final class CsvColumn {
  private final Field field;
  private final TextParser parser;
  private final Form form;

  /** Values at and beyond these do not fit the type; they are left to the parser, which says so. */
  private final long bound;

  private VecBuilder values;

  /** How the commonest texts of a type are read. */
  private enum Form {
    TEXT,
    INTEGER,
    DECIMAL,
    DATE,
    OTHER
  }

  CsvColumn(Field field, TextParser parser) {
    this.field = field;
    this.parser = parser;
    this.values = builder(field);
    this.form =
        switch (field.type().kind()) {
          case VARCHAR, CHAR -> Form.TEXT;
          case SMALLINT, INTEGER, BIGINT -> Form.INTEGER;
          case DECIMAL -> field.type().physical() == PhysicalType.LONG ? Form.DECIMAL : Form.OTHER;
          case DATE -> Form.DATE;
          case NULL,
              BOOLEAN,
              REAL,
              DOUBLE,
              BYTEA,
              UUID,
              TIME,
              TIMESTAMP,
              TIMESTAMPTZ,
              INTERVAL_YEAR_MONTH,
              INTERVAL_DAY_TIME ->
              Form.OTHER;
        };
    this.bound =
        switch (field.type().kind()) {
          case SMALLINT -> Short.MAX_VALUE;
          case INTEGER -> Integer.MAX_VALUE;
          case DECIMAL -> form == Form.DECIMAL ? powerOfTen(field.type().precision()) : 0;
          default -> Long.MAX_VALUE;
        };
  }

  private static long powerOfTen(int exponent) {
    long power = 1;
    for (int i = 0; i < exponent; i++) {
      power *= 10;
    }
    return power;
  }

  private static VecBuilder builder(Field field) {
    return new VecBuilder(field.type().physical(), Batch.MAX_ROWS);
  }

  /** Appends a field of the reader's record. */
  void append(CsvReader record, int index) {
    if (record.isNull(index)) {
      values.append(null);
      return;
    }
    int from = record.start(index);
    int to = record.end(index);
    switch (form) {
      case TEXT -> values.appendBytes(record.data(), from, to - from);
      case INTEGER -> appendNumber(PlainText.integer(record.data(), from, to), record, index);
      case DECIMAL ->
          appendNumber(
              PlainText.decimal(record.data(), from, to, field.type().scale()), record, index);
      case DATE -> appendNumber(PlainText.date(record.data(), from, to), record, index);
      case OTHER -> values.append(parse(record, index));
    }
  }

  private void appendNumber(long value, CsvReader record, int index) {
    if (value <= -bound || value >= bound) {
      values.append(parse(record, index));
    } else {
      values.appendNumber(value);
    }
  }

  private Object parse(CsvReader record, int index) {
    try {
      return parser.parse(record.text(index), field.type());
    } catch (SheafException e) {
      throw new SheafException(
          e.code(),
          "line " + record.recordLine() + ", column \"" + field.name() + "\": " + e.message(),
          e);
    }
  }

  /** The values since the last call. */
  Vec take() {
    Vec taken = values.build();
    values = builder(field);
    return taken;
  }
}
