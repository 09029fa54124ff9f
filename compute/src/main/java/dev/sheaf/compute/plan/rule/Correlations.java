package dev.sheaf.compute.plan.rule;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.RelVisitor;
import org.apache.calcite.rel.core.CorrelationId;
import org.apache.calcite.rex.RexCorrelVariable;
import org.apache.calcite.rex.RexFieldAccess;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexShuttle;
import org.apache.calcite.rex.RexSubQuery;
import org.apache.calcite.rex.RexVisitorImpl;
import org.jspecify.annotations.Nullable;

/** Which correlated values expressions and relations use, subqueries included. */
final class Correlations {
  private Correlations() {}

  static Set<CorrelationId> in(RexNode node) {
    var found = new HashSet<CorrelationId>();
    collect(node, found);
    return found;
  }

  static Set<CorrelationId> in(RelNode rel) {
    var found = new HashSet<CorrelationId>();
    collect(rel, found);
    return found;
  }

  private static void collect(RexNode node, Set<CorrelationId> found) {
    node.accept(
        new RexVisitorImpl<Void>(true) {
          @Override
          public @Nullable Void visitCorrelVariable(RexCorrelVariable variable) {
            found.add(variable.id);
            return null;
          }

          @Override
          public @Nullable Void visitSubQuery(RexSubQuery query) {
            collect(query.rel, found);
            return super.visitSubQuery(query);
          }
        });
  }

  private static void collect(RelNode root, Set<CorrelationId> found) {
    new RelVisitor() {
      @Override
      public void visit(RelNode node, int ordinal, @Nullable RelNode parent) {
        node.accept(
            new RexShuttle() {
              @Override
              public RexNode visitCorrelVariable(RexCorrelVariable variable) {
                found.add(variable.id);
                return variable;
              }

              @Override
              public RexNode visitSubQuery(RexSubQuery query) {
                collect(query.rel, found);
                return super.visitSubQuery(query);
              }
            });
        super.visit(node, ordinal, parent);
      }
    }.go(root);
  }

  /** The expression with the correlated row's fields as columns of the left input of a join. */
  static RexNode decorrelated(RexNode node, CorrelationId id) {
    return node.accept(
        new RexShuttle() {
          @Override
          public RexNode visitFieldAccess(RexFieldAccess access) {
            return access.getReferenceExpr() instanceof RexCorrelVariable v && v.id.equals(id)
                ? new RexInputRef(access.getField().getIndex(), access.getType())
                : super.visitFieldAccess(access);
          }
        });
  }

  static boolean hasSubquery(RexNode node) {
    return !subqueries(node).isEmpty();
  }

  static List<RexSubQuery> subqueries(RexNode node) {
    var found = new java.util.ArrayList<RexSubQuery>();
    node.accept(
        new RexVisitorImpl<Void>(true) {
          @Override
          public @Nullable Void visitSubQuery(RexSubQuery query) {
            found.add(query);
            return null;
          }
        });
    return found;
  }
}
