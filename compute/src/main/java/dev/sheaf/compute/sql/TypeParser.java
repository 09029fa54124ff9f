package dev.sheaf.compute.sql;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.SqlType;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads type names. NUMERIC without precision is DECIMAL(38,9): Sheaf's decimals have a fixed
 * scale.
 */
final class TypeParser {
  private static final SqlType PLAIN_NUMERIC = SqlType.decimal(38, 9);
  private static final int MAX_LENGTH = 10_485_760;

  private static final Map<String, SqlType> SIMPLE =
      Map.ofEntries(
          Map.entry("boolean", SqlType.BOOLEAN),
          Map.entry("bool", SqlType.BOOLEAN),
          Map.entry("smallint", SqlType.SMALLINT),
          Map.entry("int2", SqlType.SMALLINT),
          Map.entry("integer", SqlType.INTEGER),
          Map.entry("int", SqlType.INTEGER),
          Map.entry("int4", SqlType.INTEGER),
          Map.entry("bigint", SqlType.BIGINT),
          Map.entry("int8", SqlType.BIGINT),
          Map.entry("real", SqlType.REAL),
          Map.entry("float4", SqlType.REAL),
          Map.entry("float8", SqlType.DOUBLE),
          Map.entry("text", SqlType.TEXT),
          Map.entry("string", SqlType.TEXT),
          // The SQL standard's large objects, which ADBC's drivers name when they create tables.
          Map.entry("clob", SqlType.TEXT),
          Map.entry("blob", SqlType.BYTEA),
          Map.entry("varbinary", SqlType.BYTEA),
          Map.entry("bytea", SqlType.BYTEA),
          Map.entry("date", SqlType.DATE),
          Map.entry("uuid", SqlType.UUID),
          Map.entry("timestamptz", SqlType.TIMESTAMPTZ));

  private static final Set<String> SHAPED =
      Set.of(
          "decimal",
          "numeric",
          "dec",
          "char",
          "character",
          "bpchar",
          "varchar",
          "double",
          "float",
          "time",
          "timestamp",
          "interval");

  private static final Set<String> KNOWN_BUT_MISSING =
      Set.of(
          "json",
          "jsonb",
          "xml",
          "serial",
          "bigserial",
          "smallserial",
          "money",
          "bit",
          "timetz",
          "inet",
          "cidr",
          "macaddr",
          "point",
          "polygon",
          "oid",
          "tsvector",
          "tsquery",
          "hstore",
          "int4range",
          "varbit",
          "line",
          "box",
          "circle",
          "path",
          "name",
          "regclass");

  private final TokenStream in;

  TypeParser(TokenStream in) {
    this.in = in;
  }

  /** Whether the word begins a type, so that a string after it is a typed literal. */
  static boolean isTypeName(Token token) {
    return token.kind() == Token.Kind.WORD
        && (SIMPLE.containsKey(token.text()) || SHAPED.contains(token.text()));
  }

  SqlType type() {
    Position position = in.position();
    String name = in.label().name();
    if (name.equals("pg_catalog") && in.acceptSymbol(".")) {
      name = in.label().name();
    }
    SqlType type;
    try {
      type = named(name, position);
    } catch (SheafException e) {
      throw e.line() > 0 ? e : e.at(position.line(), position.column());
    }
    if (in.isSymbol("[") || in.isWord("array")) {
      throw position.unsupported("an array type");
    }
    return type;
  }

  private SqlType named(String name, Position position) {
    @Nullable SqlType simple = SIMPLE.get(name);
    if (simple != null) {
      if (simple.equals(SqlType.TIMESTAMPTZ)) {
        fractionDigits(position);
      }
      return simple;
    }
    return switch (name) {
      case "decimal", "numeric", "dec" -> decimal();
      case "character", "char", "bpchar" ->
          in.accept("varying") ? varchar(position) : SqlType.character(length(1, position));
      case "varchar" -> varchar(position);
      case "double" -> {
        in.accept("precision");
        yield SqlType.DOUBLE;
      }
      case "float" -> binaryFloat(position);
      case "time" -> {
        fractionDigits(position);
        if (withTimeZone()) {
          throw position.unsupported("time with time zone");
        }
        yield SqlType.TIME;
      }
      case "timestamp" -> {
        fractionDigits(position);
        yield withTimeZone() ? SqlType.TIMESTAMPTZ : SqlType.TIMESTAMP;
      }
      case "interval" -> interval();
      default -> throw unknown(name, position);
    };
  }

  private static SheafException unknown(String name, Position position) {
    if (KNOWN_BUT_MISSING.contains(name)) {
      return position.unsupported("type " + name);
    }
    return position
        .error(ErrorCode.UNDEFINED_OBJECT, "type \"" + name + "\" does not exist")
        .withHint(
            "Types are boolean, smallint, integer, bigint, decimal(p,s), real, double precision,"
                + " text, varchar(n), char(n), bytea, date, time, timestamp, timestamptz, interval"
                + " and uuid.");
  }

  private SqlType decimal() {
    if (!in.acceptSymbol("(")) {
      return PLAIN_NUMERIC;
    }
    int precision = in.integer();
    int scale = in.acceptSymbol(",") ? in.integer() : 0;
    in.expectSymbol(")");
    return SqlType.decimal(precision, scale);
  }

  private SqlType varchar(Position position) {
    return in.isSymbol("(") ? SqlType.varchar(length(0, position)) : SqlType.TEXT;
  }

  private int length(int byDefault, Position position) {
    if (!in.acceptSymbol("(")) {
      return byDefault;
    }
    int length = in.integer();
    in.expectSymbol(")");
    if (length < 1 || length > MAX_LENGTH) {
      throw position.error(
          ErrorCode.INVALID_PARAMETER_VALUE, "a length must be 1 to " + MAX_LENGTH);
    }
    return length;
  }

  private SqlType binaryFloat(Position position) {
    if (!in.acceptSymbol("(")) {
      return SqlType.DOUBLE;
    }
    int bits = in.integer();
    in.expectSymbol(")");
    if (bits < 1 || bits > 53) {
      throw position.error(
          ErrorCode.INVALID_PARAMETER_VALUE, "precision of float must be 1 to 53 bits");
    }
    return bits <= 24 ? SqlType.REAL : SqlType.DOUBLE;
  }

  private void fractionDigits(Position position) {
    if (in.acceptSymbol("(")) {
      int digits = in.integer();
      in.expectSymbol(")");
      if (digits != 6) {
        throw position
            .unsupported("a time type with " + digits + " fractional digits")
            .withHint("Times and timestamps always keep microseconds: leave the precision out.");
      }
    }
  }

  private boolean withTimeZone() {
    if (in.accept("with", "time", "zone")) {
      return true;
    }
    in.accept("without", "time", "zone");
    return false;
  }

  private SqlType interval() {
    if (in.accept("year", "to", "month") || in.accept("year") || in.accept("month")) {
      return SqlType.INTERVAL_YEAR_MONTH;
    }
    for (String unit : new String[] {"day", "hour", "minute", "second"}) {
      if (in.accept(unit)) {
        if (in.accept("to")) {
          in.label();
        }
        break;
      }
    }
    return SqlType.INTERVAL_DAY_TIME;
  }
}
