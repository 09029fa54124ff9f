package dev.sheaf.compute.plan;

import dev.sheaf.compute.sql.CatalogView;
import dev.sheaf.compute.sql.Identifier;
import dev.sheaf.compute.sql.ParsedStatement;
import dev.sheaf.compute.sql.ParsedStatement.CreateTable;
import dev.sheaf.compute.sql.SqlParser;
import dev.sheaf.compute.sql.TableStatistics;
import dev.sheaf.protocol.catalog.CheckDescriptor;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A catalog of tables declared in SQL. */
final class TestCatalog implements CatalogView {
  private static final Map<String, Double> TPCH_ROWS =
      Map.of(
          "region",
          5.0,
          "nation",
          25.0,
          "part",
          200_000.0,
          "supplier",
          10_000.0,
          "partsupp",
          800_000.0,
          "customer",
          150_000.0,
          "orders",
          1_500_000.0,
          "lineitem",
          6_001_215.0);

  private final Map<String, TableDescriptor> tables = new LinkedHashMap<>();

  TestCatalog with(String ddl) {
    for (String statement : ddl.split(";\\s*\\n")) {
      if (SqlParser.parse(statement) instanceof CreateTable create) {
        add(create);
      }
    }
    return this;
  }

  static TestCatalog tpch() {
    return new TestCatalog().with(resource("tpch/schema.sql"));
  }

  static String resource(String name) {
    try (InputStream in = TestCatalog.class.getResourceAsStream("/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void add(CreateTable create) {
    var columns = new ArrayList<ColumnDescriptor>();
    for (ParsedStatement.ColumnDefinition c : create.columns()) {
      columns.add(
          new ColumnDescriptor(
              columns.size() + 1, c.name().name(), c.type(), c.nullable(), c.defaultSql(), null));
    }
    List<Integer> key =
        create.primaryKey() == null
            ? List.of()
            : create.primaryKey().columns().stream()
                .map(Identifier::name)
                .map(n ->
                    columns.stream().filter(c -> c.name().equals(n)).findFirst().orElseThrow().id())
                .toList();
    List<CheckDescriptor> checks =
        create.checks().stream().map(c -> new CheckDescriptor("check", c.conditionSql())).toList();
    String name = create.table().name();
    tables.put(
        name,
        new TableDescriptor(
            1000 + tables.size(),
            "public",
            name,
            1,
            columns,
            key,
            name + "_pkey",
            checks,
            columns.size() + 1));
  }

  TableDescriptor table(String name) {
    return tables.get(name);
  }

  @Override
  public long version() {
    return 1;
  }

  @Override
  public String database() {
    return "test";
  }

  @Override
  public List<String> searchPath() {
    return List.of("public");
  }

  @Override
  public boolean schemaExists(String schema) {
    return schema.equals("public");
  }

  @Override
  public Optional<TableDescriptor> table(String schema, String name) {
    return schema.equals("public") ? Optional.ofNullable(tables.get(name)) : Optional.empty();
  }

  @Override
  public List<String> tableNames(String schema) {
    return schema.equals("public") ? List.copyOf(tables.keySet()) : List.of();
  }

  @Override
  public List<String> schemas() {
    return List.of("public");
  }

  @Override
  public TableStatistics statistics(TableDescriptor table) {
    return new TableStatistics() {
      @Override
      public double rowCount() {
        return TPCH_ROWS.getOrDefault(table.name(), 1000.0);
      }

      @Override
      public Optional<ColumnStatistics> column(int columnId) {
        return Optional.empty();
      }
    };
  }
}
