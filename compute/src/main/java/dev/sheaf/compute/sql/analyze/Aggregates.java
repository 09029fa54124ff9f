package dev.sheaf.compute.sql.analyze;

import dev.sheaf.columnar.expression.AggregateFn;
import dev.sheaf.protocol.type.SqlType;
import dev.sheaf.protocol.type.SqlType.Kind;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The aggregate functions by name, and their types. SUM of SMALLINT and INTEGER is BIGINT, of
 * BIGINT DECIMAL(38,0) and of DECIMAL(p,s) DECIMAL(38,s); AVG of exact numbers is
 * DECIMAL(38,max(s,6)); variances are DOUBLE.
 */
final class Aggregates {
  private static final int AVERAGE_SCALE = 6;

  private static final Map<String, AggregateFn> BY_NAME =
      Map.ofEntries(
          Map.entry("count", AggregateFn.COUNT),
          Map.entry("sum", AggregateFn.SUM),
          Map.entry("avg", AggregateFn.AVG),
          Map.entry("min", AggregateFn.MIN),
          Map.entry("max", AggregateFn.MAX),
          Map.entry("bool_and", AggregateFn.BOOL_AND),
          Map.entry("every", AggregateFn.BOOL_AND),
          Map.entry("bool_or", AggregateFn.BOOL_OR),
          Map.entry("stddev", AggregateFn.STDDEV_SAMP),
          Map.entry("stddev_samp", AggregateFn.STDDEV_SAMP),
          Map.entry("stddev_pop", AggregateFn.STDDEV_POP),
          Map.entry("variance", AggregateFn.VAR_SAMP),
          Map.entry("var_samp", AggregateFn.VAR_SAMP),
          Map.entry("var_pop", AggregateFn.VAR_POP),
          Map.entry("string_agg", AggregateFn.STRING_AGG),
          Map.entry("any_value", AggregateFn.ANY_VALUE),
          Map.entry("grouping", AggregateFn.GROUPING));

  private Aggregates() {}

  static @Nullable AggregateFn named(String name) {
    return BY_NAME.get(name);
  }

  static Set<String> names() {
    return BY_NAME.keySet();
  }

  /** What the argument is cast to, null if the function does not take it. */
  static @Nullable SqlType argumentType(AggregateFn fn, SqlType from) {
    return switch (fn) {
      case COUNT_STAR, COUNT, MIN, MAX, ANY_VALUE, SINGLE_VALUE ->
          from.kind() == Kind.NULL ? SqlType.TEXT : from;
      case SUM, AVG -> isSummable(fn, from) ? from : null;
      case BOOL_AND, BOOL_OR -> Coercion.isImplicit(from, SqlType.BOOLEAN) ? SqlType.BOOLEAN : null;
      case STDDEV_POP, STDDEV_SAMP, VAR_POP, VAR_SAMP -> from.isNumeric() ? SqlType.DOUBLE : null;
      case STRING_AGG -> Coercion.isImplicit(from, SqlType.TEXT) ? SqlType.TEXT : null;
      case GROUPING -> null;
    };
  }

  private static boolean isSummable(AggregateFn fn, SqlType type) {
    return type.isNumeric()
        || (fn == AggregateFn.SUM
            && (type.kind() == Kind.INTERVAL_DAY_TIME || type.kind() == Kind.INTERVAL_YEAR_MONTH));
  }

  static SqlType resultType(AggregateFn fn, SqlType argument) {
    return switch (fn) {
      case COUNT_STAR, COUNT -> SqlType.BIGINT;
      case SUM -> sumType(argument);
      case AVG ->
          switch (argument.kind()) {
            case REAL, DOUBLE -> SqlType.DOUBLE;
            case DECIMAL ->
                SqlType.decimal(
                    SqlType.MAX_DECIMAL_PRECISION, Math.max(argument.scale(), AVERAGE_SCALE));
            default -> SqlType.decimal(SqlType.MAX_DECIMAL_PRECISION, AVERAGE_SCALE);
          };
      case MIN, MAX, ANY_VALUE, SINGLE_VALUE -> argument;
      case BOOL_AND, BOOL_OR -> SqlType.BOOLEAN;
      case STDDEV_POP, STDDEV_SAMP, VAR_POP, VAR_SAMP -> SqlType.DOUBLE;
      case STRING_AGG -> SqlType.TEXT;
      case GROUPING -> SqlType.INTEGER;
    };
  }

  private static SqlType sumType(SqlType argument) {
    return switch (argument.kind()) {
      case SMALLINT, INTEGER -> SqlType.BIGINT;
      case BIGINT -> SqlType.decimal(SqlType.MAX_DECIMAL_PRECISION, 0);
      case DECIMAL -> SqlType.decimal(SqlType.MAX_DECIMAL_PRECISION, argument.scale());
      case REAL -> SqlType.REAL;
      default -> argument;
    };
  }
}
