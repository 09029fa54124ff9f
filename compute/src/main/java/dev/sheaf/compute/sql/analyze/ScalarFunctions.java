package dev.sheaf.compute.sql.analyze;

import static dev.sheaf.compute.sql.analyze.Signature.Accepts.BIGINT;
import static dev.sheaf.compute.sql.analyze.Signature.Accepts.BYTEA;
import static dev.sheaf.compute.sql.analyze.Signature.Accepts.DATE;
import static dev.sheaf.compute.sql.analyze.Signature.Accepts.DAYS;
import static dev.sheaf.compute.sql.analyze.Signature.Accepts.DOUBLE;
import static dev.sheaf.compute.sql.analyze.Signature.Accepts.EXACT;
import static dev.sheaf.compute.sql.analyze.Signature.Accepts.INTEGER;
import static dev.sheaf.compute.sql.analyze.Signature.Accepts.MONTHS;
import static dev.sheaf.compute.sql.analyze.Signature.Accepts.TEXT;
import static dev.sheaf.compute.sql.analyze.Signature.Accepts.TIME;
import static dev.sheaf.compute.sql.analyze.Signature.Accepts.TIMESTAMP;
import static dev.sheaf.compute.sql.analyze.Signature.Accepts.TIMESTAMPTZ;

import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.compute.sql.analyze.Signature.Accepts;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** The scalar functions by name, as far as their arguments alone decide what they do. */
final class ScalarFunctions {
  private static final Map<String, List<Signature>> BY_NAME = new HashMap<>();

  /** Arguments to add where a call leaves them out. */
  private static final Map<String, String> PADDING =
      Map.of("btrim", " ", "ltrim", " ", "rtrim", " ", "lpad", " ", "rpad", " ");

  static {
    text();
    math();
    dateTime();
    context();
  }

  private ScalarFunctions() {}

  /** The overloads, empty if there is no such function. */
  static List<Signature> named(String name) {
    return BY_NAME.getOrDefault(name, List.of());
  }

  static Collection<String> names() {
    return BY_NAME.keySet();
  }

  /** The text that stands for a missing last argument of trim and pad functions, or null. */
  static @org.jspecify.annotations.Nullable String padding(String name) {
    return PADDING.get(name);
  }

  private static void define(String names, Fn fn, SqlType result, Accepts... accepts) {
    define(names, fn, types -> result, accepts);
  }

  private static void define(
      String names, Fn fn, Function<List<SqlType>, SqlType> result, Accepts... accepts) {
    for (String name : names.split(" ")) {
      BY_NAME
          .computeIfAbsent(name, n -> new ArrayList<>())
          .add(new Signature(fn, List.of(accepts), result));
    }
  }

  private static void text() {
    define("lower", Fn.LOWER, SqlType.TEXT, TEXT);
    define("upper", Fn.UPPER, SqlType.TEXT, TEXT);
    define("initcap", Fn.INITCAP, SqlType.TEXT, TEXT);
    define("reverse", Fn.REVERSE, SqlType.TEXT, TEXT);
    define("md5", Fn.MD5, SqlType.TEXT, TEXT);
    define("length char_length character_length", Fn.CHAR_LENGTH, SqlType.INTEGER, TEXT);
    define("octet_length length", Fn.OCTET_LENGTH, SqlType.INTEGER, BYTEA);
    define("octet_length", Fn.OCTET_LENGTH, SqlType.INTEGER, TEXT);
    define("ascii", Fn.ASCII, SqlType.INTEGER, TEXT);
    define("chr", Fn.CHR, SqlType.TEXT, INTEGER);
    define("substring substr", Fn.SUBSTRING, SqlType.TEXT, TEXT, INTEGER);
    define("substring substr", Fn.SUBSTRING, SqlType.TEXT, TEXT, INTEGER, INTEGER);
    define("left", Fn.LEFT, SqlType.TEXT, TEXT, INTEGER);
    define("right", Fn.RIGHT, SqlType.TEXT, TEXT, INTEGER);
    define("btrim", Fn.TRIM_BOTH, SqlType.TEXT, TEXT, TEXT);
    define("ltrim", Fn.TRIM_LEADING, SqlType.TEXT, TEXT, TEXT);
    define("rtrim", Fn.TRIM_TRAILING, SqlType.TEXT, TEXT, TEXT);
    define("lpad", Fn.LPAD, SqlType.TEXT, TEXT, INTEGER, TEXT);
    define("rpad", Fn.RPAD, SqlType.TEXT, TEXT, INTEGER, TEXT);
    define("replace", Fn.REPLACE, SqlType.TEXT, TEXT, TEXT, TEXT);
    define("repeat", Fn.REPEAT, SqlType.TEXT, TEXT, INTEGER);
    define("starts_with", Fn.STARTS_WITH, SqlType.BOOLEAN, TEXT, TEXT);
    define("split_part", Fn.SPLIT_PART, SqlType.TEXT, TEXT, TEXT, INTEGER);
  }

  private static void math() {
    for (Fn fn :
        List.of(
            Fn.SQRT,
            Fn.EXP,
            Fn.LN,
            Fn.SIN,
            Fn.COS,
            Fn.TAN,
            Fn.ASIN,
            Fn.ACOS,
            Fn.ATAN,
            Fn.COT,
            Fn.DEGREES,
            Fn.RADIANS,
            Fn.CBRT)) {
      define(fn.name().toLowerCase(Locale.ROOT), fn, SqlType.DOUBLE, DOUBLE);
    }
    define("log log10", Fn.LOG10, SqlType.DOUBLE, DOUBLE);
    define("power pow", Fn.POWER, SqlType.DOUBLE, DOUBLE, DOUBLE);
    define("atan2", Fn.ATAN2, SqlType.DOUBLE, DOUBLE, DOUBLE);
    define("pi", Fn.PI, SqlType.DOUBLE);
    define("random", Fn.RANDOM, SqlType.DOUBLE);
    same("abs", Fn.ABS);
    define("sign", Fn.SIGN, SqlType.DOUBLE, DOUBLE);
    define("sign", Fn.SIGN, SqlType.decimal(1, 0), EXACT);
    define("sign", Fn.SIGN, SqlType.BIGINT, BIGINT);
    rounding("ceil ceiling", Fn.CEIL);
    rounding("floor", Fn.FLOOR);
    rounding("round", Fn.ROUND);
    rounding("trunc truncate", Fn.TRUNCATE);
    define("round", Fn.ROUND, List::getFirst, EXACT, INTEGER);
    define("trunc truncate", Fn.TRUNCATE, List::getFirst, EXACT, INTEGER);
    define("round", Fn.ROUND, SqlType.DOUBLE, DOUBLE, INTEGER);
    define("trunc truncate", Fn.TRUNCATE, SqlType.DOUBLE, DOUBLE, INTEGER);
  }

  private static void same(String name, Fn fn) {
    define(name, fn, SqlType.INTEGER, INTEGER);
    define(name, fn, SqlType.BIGINT, BIGINT);
    define(name, fn, List::getFirst, EXACT);
    define(name, fn, SqlType.DOUBLE, DOUBLE);
  }

  /** To a whole number: one digit more may be needed. */
  private static void rounding(String names, Fn fn) {
    define(names, fn, SqlType.INTEGER, INTEGER);
    define(names, fn, SqlType.BIGINT, BIGINT);
    define(
        names,
        fn,
        types -> Coercion.bounded(types.getFirst().precision() - types.getFirst().scale() + 1, 0),
        EXACT);
    define(names, fn, SqlType.DOUBLE, DOUBLE);
  }

  private static void dateTime() {
    for (Accepts source : List.of(DATE, TIME, TIMESTAMP, TIMESTAMPTZ, MONTHS, DAYS)) {
      define("date_part extract", Fn.EXTRACT, SqlType.BIGINT, TEXT, source);
    }
    define("date_trunc", Fn.DATE_TRUNC, SqlType.TIMESTAMP, TEXT, TIMESTAMP);
    define("date_trunc", Fn.DATE_TRUNC, SqlType.TIMESTAMPTZ, TEXT, TIMESTAMPTZ);
  }

  private static void context() {
    define("current_date", Fn.CURRENT_DATE, SqlType.DATE);
    define(
        "now current_timestamp transaction_timestamp statement_timestamp",
        Fn.CURRENT_TIMESTAMP,
        SqlType.TIMESTAMPTZ);
    define("localtimestamp", Fn.LOCALTIMESTAMP, SqlType.TIMESTAMP);
    define("current_time localtime", Fn.CURRENT_TIME, SqlType.TIME);
    define("gen_random_uuid", Fn.GEN_RANDOM_UUID, SqlType.UUID);
    define("version", Fn.VERSION, SqlType.TEXT);
    define("current_database", Fn.CURRENT_DATABASE, SqlType.TEXT);
    define("current_schema", Fn.CURRENT_SCHEMA, SqlType.TEXT);
    define("current_user", Fn.CURRENT_USER, SqlType.TEXT);
    define("sheaf_transaction_status", Fn.TRANSACTION_STATUS, SqlType.TEXT, TEXT);
  }
}
