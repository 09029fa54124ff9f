package dev.sheaf.columnar.expression;

import dev.sheaf.columnar.kernel.Selections;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.type.SqlType;

/** OR: each disjunct sees only the rows that no earlier one made TRUE. */
final class Disjunction implements Evaluator {
  private final Evaluator[] disjuncts;

  Disjunction(Evaluator[] disjuncts) {
    this.disjuncts = disjuncts;
  }

  @Override
  public SqlType type() {
    return SqlType.BOOLEAN;
  }

  @Override
  public Batch select(Batch batch) {
    byte[] passed = new byte[batch.rows()];
    Batch open = batch;
    for (Evaluator disjunct : disjuncts) {
      if (open.isEmpty()) {
        break;
      }
      Batch found = disjunct.select(open);
      if (found.selected() == open.selected()) {
        mark(open, passed);
        break;
      }
      int[] selection = found.selection();
      if (selection == null) {
        throw new IllegalStateException("a proper subset has a selection");
      }
      mark(found, passed);
      int[] rest = new int[open.selected()];
      int n =
          Selections.difference(
              open.selection(), open.selected(), selection, found.selected(), rest);
      open = open.select(rest, n);
    }
    int[] out = new int[batch.selected()];
    int n = Selections.isTrue(passed, batch.selection(), batch.selected(), out);
    return n == batch.selected() ? batch : batch.select(out, n);
  }

  private static void mark(Batch found, byte[] passed) {
    for (int k = 0; k < found.selected(); k++) {
      passed[found.row(k)] = 1;
    }
  }

  @Override
  public Vec evaluate(Batch batch) {
    return Conjunction.decide(disjuncts, batch, 1);
  }
}
