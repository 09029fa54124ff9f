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
          Map.entry("bit_and", AggregateFn.BIT_AND),
          Map.entry("bit_or", AggregateFn.BIT_OR),
          Map.entry("bit_xor", AggregateFn.BIT_XOR),
          Map.entry("approx_count_distinct", AggregateFn.APPROX_COUNT_DISTINCT),
          Map.entry("corr", AggregateFn.CORR),
          Map.entry("covar_pop", AggregateFn.COVAR_POP),
          Map.entry("covar_samp", AggregateFn.COVAR_SAMP),
          Map.entry("regr_avgx", AggregateFn.REGR_AVGX),
          Map.entry("regr_avgy", AggregateFn.REGR_AVGY),
          Map.entry("regr_count", AggregateFn.REGR_COUNT),
          Map.entry("regr_intercept", AggregateFn.REGR_INTERCEPT),
          Map.entry("regr_r2", AggregateFn.REGR_R2),
          Map.entry("regr_slope", AggregateFn.REGR_SLOPE),
          Map.entry("regr_sxx", AggregateFn.REGR_SXX),
          Map.entry("regr_sxy", AggregateFn.REGR_SXY),
          Map.entry("regr_syy", AggregateFn.REGR_SYY),
          Map.entry("percentile_cont", AggregateFn.PERCENTILE_CONT),
          Map.entry("percentile_disc", AggregateFn.PERCENTILE_DISC),
          Map.entry("mode", AggregateFn.MODE),
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
      case COUNT_STAR,
          COUNT,
          MIN,
          MAX,
          ANY_VALUE,
          SINGLE_VALUE,
          APPROX_COUNT_DISTINCT,
          PERCENTILE_DISC,
          MODE ->
          from.kind() == Kind.NULL ? SqlType.TEXT : from;
      case SUM, AVG -> isSummable(fn, from) ? from : null;
      case BOOL_AND, BOOL_OR -> Coercion.isImplicit(from, SqlType.BOOLEAN) ? SqlType.BOOLEAN : null;
      case STDDEV_POP, STDDEV_SAMP, VAR_POP, VAR_SAMP -> from.isNumeric() ? SqlType.DOUBLE : null;
      case CORR,
          COVAR_POP,
          COVAR_SAMP,
          REGR_AVGX,
          REGR_AVGY,
          REGR_COUNT,
          REGR_INTERCEPT,
          REGR_R2,
          REGR_SLOPE,
          REGR_SXX,
          REGR_SXY,
          REGR_SYY ->
          Coercion.isImplicit(from, SqlType.DOUBLE) ? SqlType.DOUBLE : null;
      case PERCENTILE_CONT ->
          from.kind() == Kind.INTERVAL_DAY_TIME
              ? from
              : Coercion.isImplicit(from, SqlType.DOUBLE) ? SqlType.DOUBLE : null;
      case BIT_AND, BIT_OR, BIT_XOR ->
          switch (from.kind()) {
            case SMALLINT, INTEGER, BIGINT -> from;
            default -> null;
          };
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
      case COUNT_STAR, COUNT, REGR_COUNT, APPROX_COUNT_DISTINCT -> SqlType.BIGINT;
      case SUM -> sumType(argument);
      case AVG ->
          switch (argument.kind()) {
            case REAL, DOUBLE -> SqlType.DOUBLE;
            case DECIMAL ->
                SqlType.decimal(
                    SqlType.MAX_DECIMAL_PRECISION, Math.max(argument.scale(), AVERAGE_SCALE));
            default -> SqlType.decimal(SqlType.MAX_DECIMAL_PRECISION, AVERAGE_SCALE);
          };
      case MIN,
          MAX,
          ANY_VALUE,
          SINGLE_VALUE,
          BIT_AND,
          BIT_OR,
          BIT_XOR,
          PERCENTILE_CONT,
          PERCENTILE_DISC,
          MODE ->
          argument;
      case BOOL_AND, BOOL_OR -> SqlType.BOOLEAN;
      case STDDEV_POP,
          STDDEV_SAMP,
          VAR_POP,
          VAR_SAMP,
          CORR,
          COVAR_POP,
          COVAR_SAMP,
          REGR_AVGX,
          REGR_AVGY,
          REGR_INTERCEPT,
          REGR_R2,
          REGR_SLOPE,
          REGR_SXX,
          REGR_SXY,
          REGR_SYY ->
          SqlType.DOUBLE;
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
