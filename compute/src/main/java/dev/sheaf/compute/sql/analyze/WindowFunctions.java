package dev.sheaf.compute.sql.analyze;

import dev.sheaf.columnar.expression.WindowFn;
import dev.sheaf.compute.sql.Position;
import dev.sheaf.compute.sql.SqlExpression.Call;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexNode;
import org.jspecify.annotations.Nullable;

/** The functions that are window functions and nothing else, by name, and their types. */
final class WindowFunctions {
  private static final Map<String, WindowFn> BY_NAME =
      Map.ofEntries(
          Map.entry("row_number", WindowFn.ROW_NUMBER),
          Map.entry("rank", WindowFn.RANK),
          Map.entry("dense_rank", WindowFn.DENSE_RANK),
          Map.entry("percent_rank", WindowFn.PERCENT_RANK),
          Map.entry("cume_dist", WindowFn.CUME_DIST),
          Map.entry("ntile", WindowFn.NTILE),
          Map.entry("lag", WindowFn.LAG),
          Map.entry("lead", WindowFn.LEAD),
          Map.entry("first_value", WindowFn.FIRST_VALUE),
          Map.entry("last_value", WindowFn.LAST_VALUE),
          Map.entry("nth_value", WindowFn.NTH_VALUE));

  private WindowFunctions() {}

  static @Nullable WindowFn named(String name) {
    return BY_NAME.get(name);
  }

  static Set<String> names() {
    return BY_NAME.keySet();
  }

  /** The arguments as the function takes them; 42883 if it takes no such. */
  static List<RexNode> arguments(WindowFn fn, Call call, List<RexNode> args, Scalars scalars) {
    boolean fits =
        switch (fn) {
          case ROW_NUMBER, RANK, DENSE_RANK, PERCENT_RANK, CUME_DIST -> args.isEmpty();
          case NTILE, FIRST_VALUE, LAST_VALUE -> args.size() == 1;
          case NTH_VALUE -> args.size() == 2;
          case LAG, LEAD -> !args.isEmpty() && args.size() <= 3;
        };
    int count = fn == WindowFn.NTILE ? 0 : 1;
    boolean counts =
        args.size() <= count
            || Coercion.isImplicit(Scalars.typeOf(args.get(count)), SqlType.INTEGER);
    boolean alike =
        args.size() < 3
            || Coercion.common(Scalars.typeOf(args.get(0)), Scalars.typeOf(args.get(2))) != null;
    if (!fits || !counts || !alike) {
      throw Functions.missing(call.name(), args, call.position());
    }
    Position at = call.position();
    var cast = new ArrayList<>(args);
    if (args.size() > count) {
      cast.set(count, scalars.cast(args.get(count), SqlType.INTEGER, at));
    }
    if (args.size() == 3) {
      List<RexNode> both =
          scalars.unify(
              List.of(args.get(0), args.get(2)), call.name().toUpperCase(Locale.ROOT), at);
      cast.set(0, both.get(0));
      cast.set(2, both.get(1));
    } else if (count == 1 && !args.isEmpty()) {
      cast.set(0, scalars.known(args.getFirst(), at));
    }
    return cast;
  }

  static RelDataType resultType(WindowFn fn, List<RexNode> args) {
    return switch (fn) {
      case ROW_NUMBER, RANK, DENSE_RANK -> CalciteTypes.of(SqlType.BIGINT, false);
      case PERCENT_RANK, CUME_DIST -> CalciteTypes.of(SqlType.DOUBLE, false);
      case NTILE -> CalciteTypes.of(SqlType.INTEGER, args.getFirst().getType().isNullable());
      case LAG, LEAD, FIRST_VALUE, LAST_VALUE, NTH_VALUE ->
          CalciteTypes.of(CalciteTypes.of(args.getFirst().getType()), true);
    };
  }
}
