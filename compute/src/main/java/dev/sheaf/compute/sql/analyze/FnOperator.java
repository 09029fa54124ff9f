package dev.sheaf.compute.sql.analyze;

import dev.sheaf.columnar.expression.Fn;
import java.util.function.Supplier;
import org.apache.calcite.plan.Strong;
import org.apache.calcite.sql.SqlFunction;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.type.OperandTypes;
import org.apache.calcite.sql.type.ReturnTypes;

/** One of our functions as a Calcite operator. The type of a call is always given explicitly. */
public final class FnOperator extends SqlFunction {
  private final Fn fn;

  FnOperator(Fn fn) {
    super(
        fn.name(),
        SqlKind.OTHER_FUNCTION,
        ReturnTypes.ARG0,
        null,
        OperandTypes.VARIADIC,
        SqlFunctionCategory.USER_DEFINED_FUNCTION);
    this.fn = fn;
  }

  public Fn fn() {
    return fn;
  }

  @Override
  public boolean isDeterministic() {
    return fn != Fn.RANDOM && fn != Fn.GEN_RANDOM_UUID;
  }

  @Override
  public boolean isDynamicFunction() {
    return switch (fn) {
      case CURRENT_DATE,
          CURRENT_TIMESTAMP,
          LOCALTIMESTAMP,
          CURRENT_TIME,
          CURRENT_DATABASE,
          CURRENT_SCHEMA,
          CURRENT_USER,
          TRANSACTION_STATUS,
          VERSION ->
          true;
      default -> false;
    };
  }

  /** Strict functions let an outer join whose WHERE needs them become an inner one. */
  @Override
  public Supplier<Strong.Policy> getStrongPolicyInference() {
    return () -> isStrict(fn) ? Strong.Policy.ANY : Strong.Policy.AS_IS;
  }

  static boolean isStrict(Fn fn) {
    return switch (fn) {
      case AND,
          OR,
          IS_NULL,
          IS_NOT_NULL,
          IS_TRUE,
          IS_NOT_TRUE,
          IS_FALSE,
          IS_NOT_FALSE,
          IS_DISTINCT_FROM,
          IS_NOT_DISTINCT_FROM,
          IN,
          CASE,
          COALESCE,
          NULLIF,
          GREATEST,
          LEAST ->
          false;
      default -> true;
    };
  }
}
