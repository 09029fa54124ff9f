package dev.sheaf.compute.sql.analyze;

import dev.sheaf.protocol.type.SqlType;
import dev.sheaf.protocol.type.SqlType.Kind;
import org.jspecify.annotations.Nullable;

/** Which types become which, when, and what two types have in common: PostgreSQL's rules. */
final class Coercion {
  private Coercion() {}

  /** Whether a value becomes the type by itself, anywhere. NULL (and unknown) becomes any type. */
  static boolean isImplicit(SqlType from, SqlType to) {
    Kind a = from.kind();
    Kind b = to.kind();
    if (a == b || a == Kind.NULL) {
      return true;
    }
    if (from.isNumeric() && to.isNumeric()) {
      return rank(a) < rank(b);
    }
    if (from.isText() && to.isText()) {
      return true;
    }
    return switch (a) {
      case DATE -> b == Kind.TIMESTAMP || b == Kind.TIMESTAMPTZ;
      case TIMESTAMP -> b == Kind.TIMESTAMPTZ;
      default -> false;
    };
  }

  /** Whether a value may be stored in a column of the type without CAST. */
  static boolean isAssignable(SqlType from, SqlType to) {
    if (isImplicit(from, to) || to.isText() || (from.isNumeric() && to.isNumeric())) {
      return true;
    }
    return switch (from.kind()) {
      case TIMESTAMP -> to.kind() == Kind.DATE || to.kind() == Kind.TIME;
      case TIMESTAMPTZ -> isDateTime(to.kind());
      default -> false;
    };
  }

  /** Whether CAST between the types exists. */
  static boolean isExplicit(SqlType from, SqlType to) {
    if (isAssignable(from, to) || from.isText()) {
      return true;
    }
    return switch (from.kind()) {
      case BOOLEAN -> to.kind() == Kind.INTEGER;
      case INTEGER -> to.kind() == Kind.BOOLEAN;
      default -> false;
    };
  }

  private static boolean isDateTime(Kind kind) {
    return kind == Kind.DATE || kind == Kind.TIME || kind == Kind.TIMESTAMP;
  }

  private static int rank(Kind kind) {
    return switch (kind) {
      case SMALLINT -> 1;
      case INTEGER -> 2;
      case BIGINT -> 3;
      case DECIMAL -> 4;
      case REAL -> 5;
      case DOUBLE -> 6;
      default -> 0;
    };
  }

  /** The type that values of both become in CASE, UNION, comparison; null if there is none. */
  static @Nullable SqlType common(SqlType a, SqlType b) {
    if (a.equals(b) || b.kind() == Kind.NULL) {
      return a;
    }
    if (a.kind() == Kind.NULL) {
      return b;
    }
    if (a.isNumeric() && b.isNumeric()) {
      return commonNumeric(a, b);
    }
    if (a.isText() && b.isText()) {
      return commonText(a, b);
    }
    if (isImplicit(a, b)) {
      return b;
    }
    return isImplicit(b, a) ? a : null;
  }

  private static SqlType commonText(SqlType a, SqlType b) {
    boolean unbounded = a.precision() == SqlType.UNBOUNDED || b.precision() == SqlType.UNBOUNDED;
    int length = unbounded ? SqlType.UNBOUNDED : Math.max(a.precision(), b.precision());
    return a.kind() == Kind.CHAR && b.kind() == Kind.CHAR
        ? SqlType.character(length)
        : new SqlType(Kind.VARCHAR, length, 0);
  }

  static SqlType commonNumeric(SqlType a, SqlType b) {
    if (a.kind() != Kind.DECIMAL && b.kind() != Kind.DECIMAL) {
      return rank(a.kind()) >= rank(b.kind()) ? a : b;
    }
    if (rank(a.kind()) > rank(Kind.DECIMAL) || rank(b.kind()) > rank(Kind.DECIMAL)) {
      return SqlType.DOUBLE;
    }
    SqlType x = asDecimal(a);
    SqlType y = asDecimal(b);
    int scale = Math.max(x.scale(), y.scale());
    int digits = Math.max(x.precision() - x.scale(), y.precision() - y.scale());
    return bounded(digits + scale, scale);
  }

  /** The DECIMAL that holds every value of an exact numeric type. */
  static SqlType asDecimal(SqlType type) {
    return switch (type.kind()) {
      case SMALLINT -> SqlType.decimal(5, 0);
      case INTEGER -> SqlType.decimal(10, 0);
      case BIGINT -> SqlType.decimal(19, 0);
      default -> type;
    };
  }

  /** DECIMAL of at most 38 digits; larger values are 22003 when they occur. */
  static SqlType bounded(int precision, int scale) {
    return SqlType.decimal(
        Math.clamp(precision, Math.max(1, scale), SqlType.MAX_DECIMAL_PRECISION), scale);
  }
}
