package dev.sheaf.compute.sql;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the planner asks about a table's rows. Estimates; never decides correctness. */
public interface TableStatistics {
  TableStatistics UNKNOWN =
      new TableStatistics() {
        @Override
        public double rowCount() {
          return 1000;
        }

        @Override
        public Optional<ColumnStatistics> column(int columnId) {
          return Optional.empty();
        }
      };

  double rowCount();

  /** Of the column with this id, empty if unknown. */
  Optional<ColumnStatistics> column(int columnId);

  /**
   * @param distinct number of distinct values, 0 = unknown
   * @param min physical value, null = unknown
   * @param max physical value, null = unknown
   * @param nullFraction 0..1
   */
  record ColumnStatistics(
      double distinct, @Nullable Object min, @Nullable Object max, double nullFraction) {}
}
