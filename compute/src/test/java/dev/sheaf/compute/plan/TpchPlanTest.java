package dev.sheaf.compute.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.compute.explain.PlanPrinter;
import dev.sheaf.compute.plan.check.PlanChecks;
import dev.sheaf.compute.sql.SqlParser;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TpchPlanTest {
  private static final TestCatalog CATALOG = TestCatalog.tpch();

  @ParameterizedTest
  @ValueSource(
      ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22})
  void everyQueryJoinsByHashAndReadsFewColumns(int number) {
    String sql =
        TestCatalog.resource("tpch/q%02d.sql".formatted(number)).replace("${FRACTION}", "0.0001");
    PlannedStatement planned = Planner.plan(SqlParser.parse(sql), CATALOG, PlannerSettings.DEFAULT);
    String text = PlanPrinter.print(planned.plan(), null);

    assertThat(PlanChecks.violations(planned.plan())).as(text).isEmpty();
    assertThat(text).doesNotContain("Correlate");
    nodes(planned.plan())
        .filter(PlanNode.TableScan.class::isInstance)
        .map(PlanNode.TableScan.class::cast)
        .filter(scan -> scan.table().name().equals("lineitem"))
        .forEach(scan -> assertThat(scan.columns()).as(text).hasSizeLessThan(8));
    nodes(planned.plan())
        .filter(PlanNode.NestedLoopJoin.class::isInstance)
        .map(PlanNode.NestedLoopJoin.class::cast)
        .forEach(join -> {
          // Only a comparison with a single row (a scalar subquery) or a few may do without a key.
          assertThat(join.condition()).as(text).isNotNull();
          assertThat(isFewRows(join.right())).as(text).isTrue();
        });
  }

  private static boolean isFewRows(PlanNode node) {
    return switch (node) {
      case PlanNode.Project p -> isFewRows(p.input());
      case PlanNode.TableScan scan -> scan.estimatedRows() < 30;
      case PlanNode.Aggregate a -> a.groupBy().isEmpty();
      default -> false;
    };
  }

  private static Stream<PlanNode> nodes(PlanNode node) {
    return Stream.concat(Stream.of(node), node.inputs().stream().flatMap(TpchPlanTest::nodes));
  }
}
