package dev.sheaf.compute.sql.analyze;

import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.protocol.type.SqlType;
import dev.sheaf.protocol.type.SqlType.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One overload of a scalar function.
 *
 * @param accepts what each argument may be
 * @param result result type from the cast arguments' types
 */
record Signature(Fn fn, List<Accepts> accepts, Function<List<SqlType>, SqlType> result) {
  /** What an argument may be, and what it is cast to. */
  enum Accepts {
    TEXT(SqlType.TEXT),
    INTEGER(SqlType.INTEGER),
    DOUBLE(SqlType.DOUBLE),
    /** DECIMAL of any precision; integers become one. */
    EXACT(SqlType.decimal(38, 9)),
    BIGINT(SqlType.BIGINT),
    BYTEA(SqlType.BYTEA),
    DATE(SqlType.DATE),
    TIME(SqlType.TIME),
    TIMESTAMP(SqlType.TIMESTAMP),
    TIMESTAMPTZ(SqlType.TIMESTAMPTZ),
    MONTHS(SqlType.INTERVAL_YEAR_MONTH),
    DAYS(SqlType.INTERVAL_DAY_TIME);

    private final SqlType type;

    Accepts(SqlType type) {
      this.type = type;
    }

    /** What an argument of this type becomes, null if it is not accepted. */
    @Nullable SqlType cast(SqlType from) {
      if (from.kind() == Kind.NULL) {
        return type;
      }
      if (from.kind() == type.kind()) {
        return from.kind() == Kind.DECIMAL ? from : type;
      }
      if (!Coercion.isImplicit(from, type)) {
        return null;
      }
      return this == EXACT ? Coercion.asDecimal(from) : type;
    }
  }

  /** The types that the arguments become, null if the overload does not take them. */
  @Nullable List<SqlType> match(List<SqlType> arguments) {
    if (arguments.size() != accepts.size()) {
      return null;
    }
    var casts = new ArrayList<SqlType>();
    for (int i = 0; i < accepts.size(); i++) {
      @Nullable SqlType cast = accepts.get(i).cast(arguments.get(i));
      if (cast == null) {
        return null;
      }
      casts.add(cast);
    }
    return casts;
  }

  /** Number of arguments that need no cast: the overload with the most wins. */
  int exactness(List<SqlType> arguments) {
    int exact = 0;
    for (int i = 0; i < arguments.size(); i++) {
      exact += arguments.get(i).kind() == accepts.get(i).type.kind() ? 1 : 0;
    }
    return exact;
  }
}
