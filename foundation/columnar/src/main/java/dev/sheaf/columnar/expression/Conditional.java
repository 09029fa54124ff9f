package dev.sheaf.columnar.expression;

import dev.sheaf.columnar.kernel.Selections;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.type.SqlType;

/** CASE and COALESCE: each branch is evaluated only for the rows that reach it. */
final class Conditional implements Evaluator {
  private final Fn fn;
  private final SqlType type;
  private final Evaluator[] args;

  Conditional(Fn fn, SqlType type, Evaluator[] args) {
    this.fn = fn;
    this.type = type;
    this.args = args;
  }

  @Override
  public SqlType type() {
    return type;
  }

  @Override
  public Vec evaluate(Batch batch) {
    return fn == Fn.CASE ? evaluateCase(batch) : coalesce(batch);
  }

  private Vec evaluateCase(Batch batch) {
    var result = new Merge(type.physical(), batch.rows());
    Batch open = batch;
    for (int a = 0; a + 1 < args.length && !open.isEmpty(); a += 2) {
      Batch hit = args[a].select(open);
      if (!hit.isEmpty()) {
        result.add(args[a + 1].evaluate(hit), hit);
        open = without(open, hit);
      }
    }
    if (!open.isEmpty() && args.length % 2 == 1) {
      result.add(args[args.length - 1].evaluate(open), open);
    }
    return result.build();
  }

  private Vec coalesce(Batch batch) {
    var result = new Merge(type.physical(), batch.rows());
    Batch open = batch;
    for (Evaluator arg : args) {
      if (open.isEmpty()) {
        break;
      }
      Vec values = arg.evaluate(open);
      int[] nulls = new int[open.selected()];
      int n = Selections.whereNull(values.validity(), open.selection(), open.selected(), nulls);
      Batch rest = open.select(nulls, n);
      result.add(values, n == 0 ? open : without(open, rest));
      open = rest;
    }
    return result.build();
  }

  private static Batch without(Batch all, Batch some) {
    if (some.selected() == all.selected()) {
      return all.select(new int[0], 0);
    }
    int[] selection = some.selection();
    if (selection == null) {
      throw new IllegalStateException("a proper subset has a selection");
    }
    int[] rest = new int[all.selected() - some.selected()];
    int[] wide = new int[all.selected()];
    int n =
        Selections.difference(all.selection(), all.selected(), selection, some.selected(), wide);
    System.arraycopy(wide, 0, rest, 0, n);
    return all.select(rest, n);
  }
}
