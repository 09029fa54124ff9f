package dev.sheaf.compute.plan;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.compute.plan.PlanNode.Conflict;
import dev.sheaf.compute.plan.PlanNode.NamedCheck;
import dev.sheaf.compute.plan.PlanNode.Values;
import dev.sheaf.compute.plan.rule.Estimator;
import dev.sheaf.compute.plan.rule.NoPredicates;
import dev.sheaf.compute.sql.CatalogView;
import dev.sheaf.compute.sql.ParsedStatement;
import dev.sheaf.compute.sql.analyze.BindContext;
import dev.sheaf.compute.sql.analyze.BoundChange;
import dev.sheaf.compute.sql.analyze.BoundQuery;
import dev.sheaf.compute.sql.analyze.CalciteTypes;
import dev.sheaf.compute.sql.analyze.Parameters;
import dev.sheaf.compute.sql.analyze.QueryBinder;
import dev.sheaf.compute.sql.analyze.TableBinder;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.plan.RelOptCluster;
import org.apache.calcite.plan.hep.HepPlanner;
import org.apache.calcite.plan.hep.HepProgram;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.metadata.ChainedRelMetadataProvider;
import org.apache.calcite.rel.metadata.DefaultRelMetadataProvider;
import org.apache.calcite.rel.metadata.MetadataHandlerProvider;
import org.apache.calcite.rel.metadata.ProxyingMetadataHandlerProvider;
import org.apache.calcite.rel.metadata.RelMetadataQuery;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexNode;
import org.jspecify.annotations.Nullable;

/** The planning of one statement. Used once, by one thread. */
final class Planning {
  /** The answer of a change without RETURNING: its count alone. */
  private static final List<Field> COUNT = List.of(new Field("count", SqlType.BIGINT, false));

  /** Reflection instead of classes compiled at first use, which a fresh compute would wait for. */
  private static final MetadataHandlerProvider METADATA =
      new ProxyingMetadataHandlerProvider(
          ChainedRelMetadataProvider.of(
              List.of(NoPredicates.PROVIDER, DefaultRelMetadataProvider.INSTANCE)));

  private final PlannerSettings settings;
  private final Parameters parameters;
  private final BindContext context;
  private final RexBuilder rex;

  Planning(CatalogView catalog, PlannerSettings settings, int parameterCount) {
    this.settings = settings;
    this.parameters = new Parameters(parameterCount);
    this.rex = new RexBuilder(CalciteTypes.FACTORY);
    var cluster = RelOptCluster.create(new HepPlanner(HepProgram.builder().build()), rex);
    cluster.setMetadataQuerySupplier(() -> new RelMetadataQuery(METADATA));
    this.context = new BindContext(cluster, catalog, parameters);
  }

  BindContext context() {
    return context;
  }

  Expr translate(RexNode node) {
    return new ExprTranslator(rex).translate(node);
  }

  PlannedStatement query(ParsedStatement.Query query) {
    BoundQuery bound = QueryBinder.bind(query.query(), context);
    PlanNode plan = ColumnPruner.prune(physical(bound.rel()));
    var result = new ArrayList<Field>();
    for (int i = 0; i < bound.names().size(); i++) {
      Field field = plan.output().get(i);
      result.add(new Field(bound.names().get(i), field.type(), field.nullable()));
    }
    return planned(plan, result);
  }

  private PlanNode physical(RelNode rel) {
    var estimator = new Estimator();
    RelNode rewritten = LogicalRewriter.rewrite(rel, settings, estimator);
    return new PhysicalPlanner(rex, estimator).plan(rewritten);
  }

  private PlannedStatement planned(PlanNode plan, List<Field> result) {
    return new PlannedStatement(plan, List.copyOf(result), parameters.fields(), context.tables());
  }

  PlannedStatement change(BoundChange change) {
    List<Field> result = returning(change.returning());
    List<Field> output = result.isEmpty() ? COUNT : result;
    List<Expr> returning = change.returning().expressions().stream().map(this::translate).toList();
    PlanNode plan =
        switch (change) {
          case BoundChange.Insert insert ->
              new PlanNode.Insert(
                  insert.table(),
                  source(insert),
                  conflict(insert.conflict()),
                  checks(insert.table(), insert.checks()),
                  returning,
                  output);
          case BoundChange.Update update ->
              new PlanNode.Update(
                  update.table(),
                  physical(update.rel()),
                  checks(update.table(), update.checks()),
                  returning,
                  output);
          case BoundChange.Delete delete ->
              new PlanNode.Delete(delete.table(), physical(delete.rel()), returning, output);
        };
    return planned(ColumnPruner.prune(plan), result);
  }

  private static List<Field> returning(TableBinder.Returning returning) {
    var fields = new ArrayList<Field>();
    for (int i = 0; i < returning.names().size(); i++) {
      RexNode node = returning.expressions().get(i);
      fields.add(
          new Field(
              returning.names().get(i),
              CalciteTypes.of(node.getType()),
              node.getType().isNullable()));
    }
    return fields;
  }

  private PlanNode source(BoundChange.Insert insert) {
    return switch (insert.source()) {
      case BoundChange.Relation relation -> physical(relation.rel());
      case BoundChange.Rows rows -> {
        var translated = new ArrayList<List<Expr>>(rows.rows().size());
        for (List<RexNode> row : rows.rows()) {
          translated.add(row.stream().map(this::translate).toList());
        }
        // A parameter or an expression may be NULL whatever the column allows.
        List<Field> fields =
            insert.table().columns().stream()
                .map((ColumnDescriptor c) -> new Field(c.name(), c.type(), true))
                .toList();
        yield new Values(translated, fields);
      }
    };
  }

  private @Nullable Conflict conflict(BoundChange.@Nullable Conflict conflict) {
    if (conflict == null) {
      return null;
    }
    List<RexNode> update = conflict.update();
    RexNode condition = conflict.condition();
    return new Conflict(
        update == null ? null : update.stream().map(this::translate).toList(),
        condition == null ? null : translate(condition));
  }

  private List<NamedCheck> checks(TableDescriptor table, List<RexNode> conditions) {
    var checks = new ArrayList<NamedCheck>();
    for (int i = 0; i < conditions.size(); i++) {
      checks.add(new NamedCheck(table.checks().get(i).name(), translate(conditions.get(i))));
    }
    return checks;
  }
}
