package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.kernel.Vectors;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Which columns expressions read; physical types of fields. */
final class Columns {
  private Columns() {}

  /** Ordinals, ascending. */
  static int[] readBy(List<Expr> expressions) {
    Set<Integer> found = new TreeSet<>();
    expressions.forEach(e -> collect(e, found));
    return found.stream().mapToInt(Integer::intValue).toArray();
  }

  private static void collect(Expr expr, Set<Integer> found) {
    switch (expr) {
      case Expr.Column c -> found.add(c.index());
      case Expr.Call call -> call.args().forEach(arg -> collect(arg, found));
      case Expr.Literal l -> {}
      case Expr.Parameter p -> {}
      case Expr.Correlated c -> {}
    }
  }

  static PhysicalType[] types(List<Field> fields) {
    return fields.stream().map(f -> f.type().physical()).toArray(PhysicalType[]::new);
  }

  /** A column of NULLs for each type. */
  static Vec[] nulls(PhysicalType[] types, int rows) {
    Vec[] out = new Vec[types.length];
    for (int c = 0; c < out.length; c++) {
      out[c] = Vectors.nulls(types[c], rows);
    }
    return out;
  }
}
