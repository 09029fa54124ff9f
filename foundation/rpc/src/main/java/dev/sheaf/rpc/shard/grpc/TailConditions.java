package dev.sheaf.rpc.shard.grpc;

import dev.sheaf.columnar.expression.EvaluationContext;
import dev.sheaf.columnar.expression.Evaluator;
import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.expression.ExpressionCompiler;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayList;
import java.util.List;

/**
 * Leaves out rows of a tail that its reader would leave out. The reader judges all that it gets, so
 * a condition that cannot be judged here is dropped: its error, if it is one, is the reader's.
 * Conditions come from another process; what does not fit together is such a case, too. For one
 * thread.
 */
final class TailConditions {
  private static final System.Logger LOG = System.getLogger(TailConditions.class.getName());

  private final List<Evaluator> conditions = new ArrayList<>();

  TailConditions(List<Expr> conditions) {
    var compiler = new ExpressionCompiler(EvaluationContext.NONE);
    for (Expr condition : conditions) {
      try {
        this.conditions.add(compiler.compile(condition));
      } catch (SheafException | ClassCastException | IndexOutOfBoundsException e) {
        dropped(e);
      }
    }
  }

  Batch select(Batch batch) {
    Batch passed = batch;
    for (var each = conditions.iterator(); each.hasNext() && !passed.isEmpty(); ) {
      try {
        passed = each.next().select(passed);
      } catch (SheafException | ClassCastException | IndexOutOfBoundsException e) {
        dropped(e);
        each.remove();
      }
    }
    return passed;
  }

  private static void dropped(RuntimeException why) {
    LOG.log(System.Logger.Level.DEBUG, "a condition is left to the reader: {0}", why);
  }
}
