package dev.sheaf.columnar.expression;

import dev.sheaf.columnar.expression.RowFunction.ToBool;
import dev.sheaf.columnar.expression.RowFunction.ToBytes;
import dev.sheaf.columnar.expression.RowFunction.ToDouble;
import dev.sheaf.columnar.expression.RowFunction.ToInt;
import dev.sheaf.columnar.expression.RowFunction.ToLong;
import dev.sheaf.columnar.kernel.BytesBuilder;
import dev.sheaf.columnar.kernel.Utf8;
import dev.sheaf.columnar.text.TextFormat;
import dev.sheaf.columnar.text.TextParser;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.SqlType;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/** Casts from and to text, and the lengths of VARCHAR(n) and CHAR(n). */
final class TextCasts {
  private TextCasts() {}

  /** Between text types. CHAR values are stored padded; the padding means nothing elsewhere. */
  static Evaluator lengthOnly(boolean assignment, Evaluator arg, SqlType to) {
    SqlType from = arg.type();
    boolean sameChar = from.equals(to);
    boolean widerVarchar =
        from.kind() == SqlType.Kind.VARCHAR
            && to.kind() == SqlType.Kind.VARCHAR
            && (to.precision() < 0
                || (from.precision() >= 0 && from.precision() <= to.precision()));
    if (sameChar || widerVarchar) {
      return arg.type().equals(to) ? arg : new Retyped(arg, to);
    }
    boolean strip = from.kind() == SqlType.Kind.CHAR;
    ToBytes body =
        (in, i, out) -> {
          BytesVec v = (BytesVec) in[0];
          int length = strip ? stripped(v.data(), v.start()[i], v.length()[i]) : v.length()[i];
          append(v.data(), v.start()[i], length, assignment, to, out);
        };
    Evaluator cut = assignment ? RowFunction.of(to, body, arg) : RowFunction.total(to, body, arg);
    boolean varchars = from.kind() == SqlType.Kind.VARCHAR && to.kind() == SqlType.Kind.VARCHAR;
    return varchars ? new Fitting(arg, cut) : cut;
  }

  /** Values whose bytes are within the length are taken as they are; few are not. */
  private record Fitting(Evaluator arg, Evaluator cut) implements Evaluator {
    @Override
    public SqlType type() {
      return cut.type();
    }

    @Override
    public Vec evaluate(Batch batch) {
      BytesVec values = (BytesVec) arg.evaluate(batch);
      int limit = type().precision();
      for (int i = 0; i < batch.selected(); i++) {
        int row = batch.row(i);
        if (values.length()[row] > limit && !values.isNull(row)) {
          return cut.evaluate(batch);
        }
      }
      return values;
    }
  }

  /** The same values under another type. */
  record Retyped(Evaluator arg, SqlType type) implements Evaluator {
    @Override
    public Vec evaluate(Batch batch) {
      return arg.evaluate(batch);
    }
  }

  private static int stripped(byte[] data, int from, int length) {
    int n = length;
    while (n > 0 && data[from + n - 1] == ' ') {
      n--;
    }
    return n;
  }

  /** The value cut, refused or padded as the target's length says. */
  private static void append(
      byte[] data, int from, int length, boolean assignment, SqlType to, BytesBuilder out) {
    int limit = to.precision();
    if (limit < 0) {
      out.append(data, from, length);
      return;
    }
    int keep = length <= limit ? length : Utf8.offset(data, from, length, limit);
    if (assignment && keep < length && stripped(data, from, length) > keep) {
      throw new SheafException(
          ErrorCode.STRING_DATA_RIGHT_TRUNCATION, "value too long for type " + to);
    }
    out.append(data, from, keep);
    if (to.kind() == SqlType.Kind.CHAR) {
      for (int c = Utf8.length(data, from, keep); c < limit; c++) {
        out.append(SPACE, 0, 1);
      }
    }
  }

  private static final byte[] SPACE = {' '};

  /** Any type to text. */
  static Evaluator format(boolean assignment, Evaluator arg, SqlType to, ZoneId zone) {
    var format = new TextFormat(zone);
    SqlType from = arg.type();
    return RowFunction.of(
        to,
        (ToBytes)
            (in, i, out) -> {
              @Nullable Object value = in[0].value(i);
              if (value != null) {
                byte[] text = format.format(value, from).getBytes(StandardCharsets.UTF_8);
                append(text, 0, text.length, assignment, to, out);
              }
            },
        arg);
  }

  /** Text to any type but text. */
  static Evaluator parse(Evaluator arg, SqlType to, ZoneId zone) {
    var parser = new TextParser(zone);
    return switch (to.physical()) {
      case BOOL -> RowFunction.of(to, (ToBool) (in, i) -> (Boolean) parsed(parser, in, i, to), arg);
      case INT -> RowFunction.of(to, (ToInt) (in, i) -> (Integer) parsed(parser, in, i, to), arg);
      case LONG -> RowFunction.of(to, (ToLong) (in, i) -> (Long) parsed(parser, in, i, to), arg);
      case DOUBLE ->
          RowFunction.of(to, (ToDouble) (in, i) -> (Double) parsed(parser, in, i, to), arg);
      case BYTES ->
          RowFunction.of(
              to, (ToBytes) (in, i, out) -> out.append((byte[]) parsed(parser, in, i, to)), arg);
      case INT128 -> new ParseWide(to, arg, parser);
    };
  }

  private static Object parsed(TextParser parser, Vec[] in, int row, SqlType to) {
    return parser.parse(TextFunctions.text(in, 0, row), to);
  }

  private static final class ParseWide extends StrictFunction {
    private final TextParser parser;

    ParseWide(SqlType to, Evaluator arg, TextParser parser) {
      super(to, arg);
      this.parser = parser;
    }

    @Override
    Vec compute(Vec[] in, long @Nullable [] validity, Batch batch) {
      var out = new Decimals.Output(type(), batch.rows());
      LiveRows live = live(batch, validity);
      for (int k = 0; k < live.count(); k++) {
        int i = live.rows()[k];
        out.set(i, (BigInteger) parsed(parser, in, i, type()));
      }
      return out.build(validity);
    }
  }
}
