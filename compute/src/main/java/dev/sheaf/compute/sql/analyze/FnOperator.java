package dev.sheaf.compute.sql.analyze;

import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.protocol.type.SqlType;
import java.util.List;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.sql.SqlFunction;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.type.OperandTypes;

/** One of our functions, for calls of one result type, as a Calcite operator. */
public final class FnOperator extends SqlFunction {
  private final Fn fn;

  /**
   * @param type of the call's result, which rewriting keeps
   */
  FnOperator(Fn fn, SqlType type) {
    super(
        fn.name() + ":" + type,
        SqlKind.OTHER_FUNCTION,
        binding -> CalciteTypes.of(type, givesNull(fn, binding.collectOperandTypes())),
        null,
        OperandTypes.VARIADIC,
        SqlFunctionCategory.USER_DEFINED_FUNCTION);
    this.fn = fn;
  }

  /** Whether the result can be NULL, by the arguments' nullability. */
  static boolean givesNull(Fn fn, List<RelDataType> arguments) {
    return switch (fn) {
      case NULLIF, CURRENT_SCHEMA -> true;
      // These skip NULLs.
      case COALESCE, GREATEST, LEAST -> arguments.stream().allMatch(RelDataType::isNullable);
      default -> arguments.stream().anyMatch(RelDataType::isNullable);
    };
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
}
