package dev.sheaf.cli.demo;

import io.trino.tpch.TpchColumn;
import io.trino.tpch.TpchColumnType;
import io.trino.tpch.TpchTable;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * TPC-H's eight tables as DDL: the standard's column names, DECIMAL(15,2) for money and quantities.
 */
public final class TpchSchema {
  private static final Map<String, String> PRIMARY_KEYS =
      Map.of(
          "customer", "c_custkey",
          "orders", "o_orderkey",
          "lineitem", "l_orderkey, l_linenumber",
          "part", "p_partkey",
          "partsupp", "ps_partkey, ps_suppkey",
          "supplier", "s_suppkey",
          "nation", "n_nationkey",
          "region", "r_regionkey");

  /** Rows at scale 1, for progress bars. */
  private static final Map<String, Long> ROWS =
      Map.of(
          "customer", 150_000L,
          "orders", 1_500_000L,
          "lineitem", 6_001_215L,
          "part", 200_000L,
          "partsupp", 800_000L,
          "supplier", 10_000L);

  private TpchSchema() {}

  /** Small tables first. */
  public static List<TpchTable<?>> tables() {
    return List.of(
        TpchTable.REGION,
        TpchTable.NATION,
        TpchTable.SUPPLIER,
        TpchTable.CUSTOMER,
        TpchTable.PART,
        TpchTable.PART_SUPPLIER,
        TpchTable.ORDERS,
        TpchTable.LINE_ITEM);
  }

  public static String createTable(TpchTable<?> table) {
    String columns =
        table.getColumns().stream()
            .map(c -> c.getColumnName() + " " + sqlType(c) + " NOT NULL")
            .collect(Collectors.joining(", "));
    String key = PRIMARY_KEYS.get(table.getTableName());
    return "CREATE TABLE " + table.getTableName() + " (" + columns + ", PRIMARY KEY (" + key + "))";
  }

  private static String sqlType(TpchColumn<?> column) {
    TpchColumnType type = column.getType();
    return switch (type.getBase()) {
      case INTEGER -> "INTEGER";
      case IDENTIFIER -> "BIGINT";
      case DATE -> "DATE";
      case DOUBLE -> "DECIMAL(15,2)";
      case VARCHAR -> "VARCHAR(" + type.getPrecision().orElse(255L) + ")";
    };
  }

  /** About how many rows the generator makes. */
  public static long estimatedRows(TpchTable<?> table, double scale) {
    return switch (table.getTableName()) {
      case "region" -> 5;
      case "nation" -> 25;
      default -> (long) (ROWS.getOrDefault(table.getTableName(), 0L) * scale);
    };
  }
}
