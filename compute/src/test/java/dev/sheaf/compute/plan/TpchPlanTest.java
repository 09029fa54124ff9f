package dev.sheaf.compute.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.compute.sql.SqlParser;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TpchPlanTest {
  private static final TestCatalog CATALOG = TestCatalog.tpch();

  @ParameterizedTest
  @ValueSource(
      ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22})
  void plans(int number) {
    String sql = TestCatalog.resource("tpch/q%02d.sql".formatted(number));
    PlannedStatement planned = Planner.plan(SqlParser.parse(sql), CATALOG, PlannerSettings.DEFAULT);
    assertThat(planned.result()).isNotEmpty();
  }
}
