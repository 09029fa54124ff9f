package dev.sheaf.compute.plan;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.compute.plan.PlanNode.Filter;
import dev.sheaf.compute.plan.PlanNode.JoinKind;
import dev.sheaf.compute.plan.PlanNode.KeyBounds;
import dev.sheaf.compute.plan.PlanNode.KeyLookup;
import dev.sheaf.compute.plan.PlanNode.Project;
import dev.sheaf.compute.plan.PlanNode.SetKind;
import dev.sheaf.compute.plan.PlanNode.SetOperation;
import dev.sheaf.compute.plan.PlanNode.Sort;
import dev.sheaf.compute.plan.PlanNode.SortKey;
import dev.sheaf.compute.plan.PlanNode.SystemScan;
import dev.sheaf.compute.plan.PlanNode.TableScan;
import dev.sheaf.compute.plan.PlanNode.UnionAll;
import dev.sheaf.compute.plan.PlanNode.Values;
import dev.sheaf.compute.plan.rule.Estimator;
import dev.sheaf.compute.sql.analyze.CalciteTypes;
import dev.sheaf.compute.sql.analyze.GroupingSetsRel;
import dev.sheaf.compute.sql.analyze.RecursiveRel;
import dev.sheaf.compute.sql.analyze.RowsRel;
import dev.sheaf.compute.sql.analyze.SystemTableRel;
import dev.sheaf.compute.sql.analyze.TableRel;
import dev.sheaf.compute.sql.analyze.WindowRel;
import dev.sheaf.compute.sql.analyze.WorkingTableRel;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.JoinRelType;
import org.apache.calcite.rel.core.SetOp;
import org.apache.calcite.rel.logical.LogicalAggregate;
import org.apache.calcite.rel.logical.LogicalCorrelate;
import org.apache.calcite.rel.logical.LogicalFilter;
import org.apache.calcite.rel.logical.LogicalIntersect;
import org.apache.calcite.rel.logical.LogicalJoin;
import org.apache.calcite.rel.logical.LogicalMinus;
import org.apache.calcite.rel.logical.LogicalProject;
import org.apache.calcite.rel.logical.LogicalSort;
import org.apache.calcite.rel.logical.LogicalUnion;
import org.apache.calcite.rel.logical.LogicalValues;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexNode;
import org.jspecify.annotations.Nullable;

/** From rewritten algebra to the physical plan, node by node. */
final class PhysicalPlanner {
  private final ExprTranslator translator;
  private final Estimator estimator;
  private final JoinPlanner joins;
  private final AggregatePlanner aggregates;
  private final WindowPlanner windows;

  PhysicalPlanner(RexBuilder rex, Estimator estimator) {
    this.translator = new ExprTranslator(rex);
    this.estimator = estimator;
    this.joins = new JoinPlanner(rex, translator, estimator);
    this.aggregates = new AggregatePlanner();
    this.windows = new WindowPlanner(translator);
  }

  PlanNode plan(RelNode rel) {
    return switch (rel) {
      case TableRel table -> scan(table, null, table);
      case SystemTableRel table -> new SystemScan(table.name(), fields(table));
      case RowsRel rows -> values(rows.rows(), fields(rows));
      case LogicalValues values ->
          values(
              values.getTuples().stream().map(t -> List.<RexNode>copyOf(t)).toList(),
              fields(values));
      case LogicalFilter filter -> filter(filter);
      case LogicalProject project ->
          new Project(
              plan(project.getInput()),
              translator.translate(project.getProjects()),
              fields(project));
      case LogicalJoin join -> joins.plan(join, plan(join.getLeft()), plan(join.getRight()));
      case LogicalCorrelate correlate -> correlate(correlate);
      case LogicalAggregate aggregate -> aggregates.plan(aggregate, plan(aggregate.getInput()));
      case GroupingSetsRel sets -> aggregates.plan(sets, plan(sets.getInput()));
      case RecursiveRel recursive -> recursive(recursive);
      case WorkingTableRel table ->
          new PlanNode.WorkingTable(table.id(), table.name(), fields(table));
      case WindowRel window -> windows.plan(window, plan(window.getInput()), null);
      case LogicalSort sort -> sort(sort);
      case LogicalUnion union -> union(union);
      case LogicalIntersect set -> setOperation(SetKind.INTERSECT, set);
      case LogicalMinus set -> setOperation(SetKind.EXCEPT, set);
      default ->
          throw new SheafException(
              ErrorCode.INTERNAL_ERROR,
              "the planner made a node that it cannot translate: " + rel.getRelTypeName());
    };
  }

  static List<Field> fields(RelNode rel) {
    return CalciteTypes.fields(rel.getRowType());
  }

  private Values values(List<List<RexNode>> rows, List<Field> fields) {
    var translated = new ArrayList<List<Expr>>(rows.size());
    for (List<RexNode> row : rows) {
      var cells = new ArrayList<Expr>(row.size());
      for (int i = 0; i < row.size(); i++) {
        cells.add(ExprTranslator.cast(translator.translate(row.get(i)), fields.get(i).type()));
      }
      translated.add(cells);
    }
    return new Values(translated, fields);
  }

  private PlanNode filter(LogicalFilter filter) {
    RexNode condition = filter.getCondition();
    if (condition.isAlwaysFalse()) {
      return new Values(List.of(), fields(filter));
    }
    if (condition.isAlwaysTrue()) {
      return plan(filter.getInput());
    }
    Expr translated = translator.translate(condition);
    return switch (filter.getInput()) {
      case TableRel table -> scan(table, translated, filter);
      case WindowRel window ->
          new Filter(windows.plan(window, plan(window.getInput()), translated), translated);
      default -> new Filter(plan(filter.getInput()), translated);
    };
  }

  /** A scan of all columns; {@link ColumnPruner} drops what nobody needs. */
  private PlanNode scan(TableRel rel, @Nullable Expr filter, RelNode estimated) {
    TableDescriptor table = rel.table();
    List<Integer> columns = IntStream.range(0, table.columns().size()).boxed().toList();
    @Nullable RexNode asOfRex = rel.asOf();
    @Nullable Expr asOf = asOfRex == null ? null : translator.translate(asOfRex);
    var access = new KeyAccess(table, filter);
    Optional<KeyAccess.Lookup> lookup = access.lookup();
    if (lookup.isPresent()) {
      return new KeyLookup(
          table,
          columns,
          rel.withKey(),
          lookup.get().keys(),
          lookup.get().residual(),
          asOf,
          fields(rel));
    }
    KeyBounds bounds = filter == null ? KeyBounds.ALL : access.bounds();
    return new TableScan(
        table,
        columns,
        rel.withKey(),
        filter,
        bounds,
        asOf,
        estimator.rows(estimated),
        fields(rel));
  }

  private PlanNode correlate(LogicalCorrelate correlate) {
    JoinKind kind =
        switch (correlate.getJoinType()) {
          case INNER -> JoinKind.INNER;
          case LEFT -> JoinKind.LEFT;
          case SEMI -> JoinKind.SEMI;
          case ANTI -> JoinKind.ANTI;
          case RIGHT, FULL, ASOF, LEFT_ASOF, LEFT_MARK ->
              throw new SheafException(
                  ErrorCode.FEATURE_NOT_SUPPORTED,
                  "a correlated " + correlate.getJoinType() + " join is not supported");
        };
    return new PlanNode.Correlate(
        correlate.getCorrelationId().getId(),
        kind,
        plan(correlate.getLeft()),
        plan(correlate.getRight()),
        fields(correlate));
  }

  private PlanNode sort(LogicalSort sort) {
    List<SortKey> keys =
        sort.getCollation().getFieldCollations().stream().map(WindowPlanner::key).toList();
    return new Sort(plan(sort.getInput()), keys, limit(sort.offset), limit(sort.fetch));
  }

  private @Nullable Expr limit(@Nullable RexNode node) {
    return node == null ? null : ExprTranslator.cast(translator.translate(node), SqlType.BIGINT);
  }

  private PlanNode recursive(RecursiveRel rel) {
    List<Field> fields = fields(rel);
    return new PlanNode.Recursive(
        rel.id(),
        rel.name(),
        rel.all(),
        aligned(plan(rel.getLeft()), fields),
        aligned(plan(rel.getRight()), fields),
        fields);
  }

  private PlanNode union(LogicalUnion union) {
    List<Field> fields = fields(union);
    List<PlanNode> inputs = union.getInputs().stream().map(i -> aligned(plan(i), fields)).toList();
    PlanNode all = inputs.size() == 1 ? inputs.getFirst() : new UnionAll(inputs, fields);
    return union.all ? all : distinct(all, fields);
  }

  static PlanNode distinct(PlanNode input, List<Field> fields) {
    return new PlanNode.Aggregate(
        input, IntStream.range(0, fields.size()).boxed().toList(), List.of(), fields);
  }

  private PlanNode setOperation(SetKind kind, SetOp set) {
    List<Field> fields = fields(set);
    PlanNode left = aligned(plan(set.getInput(0)), fields);
    for (RelNode input : set.getInputs().subList(1, set.getInputs().size())) {
      left = new SetOperation(kind, set.all, left, aligned(plan(input), fields), fields);
    }
    return left;
  }

  /** The node with its columns cast to the types of the set operation's result. */
  private static PlanNode aligned(PlanNode node, List<Field> fields) {
    var columns = new ArrayList<Expr>();
    boolean cast = false;
    for (int i = 0; i < fields.size(); i++) {
      Expr column = new Expr.Column(i, node.output().get(i).type());
      Expr aligned = ExprTranslator.cast(column, fields.get(i).type());
      cast |= aligned != column;
      columns.add(aligned);
    }
    return cast ? new Project(node, columns, fields) : node;
  }

  static JoinKind kind(JoinRelType type) {
    return switch (type) {
      case INNER -> JoinKind.INNER;
      case LEFT -> JoinKind.LEFT;
      case RIGHT -> JoinKind.RIGHT;
      case FULL -> JoinKind.FULL;
      case SEMI -> JoinKind.SEMI;
      case ANTI -> JoinKind.ANTI;
      case ASOF, LEFT_ASOF, LEFT_MARK ->
          throw new SheafException(
              ErrorCode.INTERNAL_ERROR, "the planner made a join of type " + type);
    };
  }
}
