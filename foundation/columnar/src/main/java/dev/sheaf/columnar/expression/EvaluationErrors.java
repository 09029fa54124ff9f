package dev.sheaf.columnar.expression;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.SqlType;

/** The errors that several functions share, in PostgreSQL's words. */
final class EvaluationErrors {
  private EvaluationErrors() {}

  static SheafException outOfRange(SqlType type) {
    if (type.kind() == SqlType.Kind.DECIMAL) {
      return new SheafException(ErrorCode.NUMERIC_VALUE_OUT_OF_RANGE, "numeric field overflow")
          .withHint(
              "A value of "
                  + type
                  + " must round to an absolute value less than 10^"
                  + (type.precision() - type.scale())
                  + ".");
    }
    return new SheafException(
        ErrorCode.NUMERIC_VALUE_OUT_OF_RANGE, type.kind().sqlName() + " out of range");
  }

  static SheafException floatOverflow() {
    return new SheafException(ErrorCode.NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: overflow");
  }

  static SheafException divisionByZero() {
    return new SheafException(ErrorCode.DIVISION_BY_ZERO, "division by zero");
  }

  static SheafException dateTimeOutOfRange(SqlType type) {
    return new SheafException(
        ErrorCode.DATETIME_FIELD_OVERFLOW, type.kind().sqlName() + " out of range");
  }

  static SheafException unsupported(Fn fn, SqlType type) {
    return new SheafException(
        ErrorCode.FEATURE_NOT_SUPPORTED, fn + " is not supported for type " + type);
  }
}
