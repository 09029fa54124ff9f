package dev.sheaf.flightsql.metadata;

import dev.sheaf.columnar.arrow.ArrowTypes;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.rpc.sql.SqlSession;
import dev.sheaf.rpc.sql.SqlSession.TableInfo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetDbSchemas;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetPrimaryKeys;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetTables;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * What there is in a database. A database is a catalog. Rows are in the orders that Flight SQL
 * prescribes; patterns are those of {@code LikePattern}. Stateless.
 */
public final class SchemaAnswers {
  private static final List<String> TABLE_TYPES = List.of("SYSTEM TABLE", "TABLE", "VIEW");

  /** Flight SQL has no key for the text of a column's DEFAULT. */
  private static final String COLUMN_DEFAULT = "SHEAF:COLUMN_DEFAULT";

  private SchemaAnswers() {}

  public static void catalogs(List<String> databases, VectorSchemaRoot root) {
    var filler = new RootFiller(root);
    databases.stream().sorted().forEach(filler::row);
    filler.finish();
  }

  public static void tableTypes(VectorSchemaRoot root) {
    var filler = new RootFiller(root);
    TABLE_TYPES.forEach(filler::row);
    filler.finish();
  }

  public static void schemas(SqlSession sql, CommandGetDbSchemas command, VectorSchemaRoot root) {
    Predicate<String> matches =
        LikePattern.of(
            command.hasDbSchemaFilterPattern() ? command.getDbSchemaFilterPattern() : null);
    var filler = new RootFiller(root);
    sql.schemas().stream()
        .filter(matches)
        .sorted()
        .forEach(schema -> filler.row(sql.database(), schema));
    filler.finish();
  }

  public static void tables(SqlSession sql, CommandGetTables command, VectorSchemaRoot root) {
    Predicate<String> schemaMatches =
        LikePattern.of(
            command.hasDbSchemaFilterPattern() ? command.getDbSchemaFilterPattern() : null);
    Predicate<String> nameMatches =
        LikePattern.of(
            command.hasTableNameFilterPattern() ? command.getTableNameFilterPattern() : null);
    List<String> types = command.getTableTypesList();
    var filler = new RootFiller(root);
    for (TableInfo table : sorted(sql.tables())) {
      boolean wanted = types.isEmpty() || types.contains(table.type());
      if (!wanted || !schemaMatches.test(table.schema()) || !nameMatches.test(table.name())) {
        continue;
      }
      if (command.getIncludeSchema()) {
        byte[] schema = tableSchema(sql.database(), table).serializeAsMessage();
        filler.row(sql.database(), table.schema(), table.name(), table.type(), schema);
      } else {
        filler.row(sql.database(), table.schema(), table.name(), table.type());
      }
    }
    filler.finish();
  }

  private static List<TableInfo> sorted(List<TableInfo> tables) {
    return tables.stream()
        .sorted(
            Comparator.comparing(TableInfo::schema)
                .thenComparing(TableInfo::name)
                .thenComparing(TableInfo::type))
        .toList();
  }

  private static Schema tableSchema(String database, TableInfo table) {
    List<org.apache.arrow.vector.types.pojo.Field> columns = new ArrayList<>();
    for (Field column : table.columns()) {
      Map<String, String> more = new LinkedHashMap<>();
      more.put("ARROW:FLIGHT:SQL:CATALOG_NAME", database);
      more.put("ARROW:FLIGHT:SQL:SCHEMA_NAME", table.schema());
      more.put("ARROW:FLIGHT:SQL:TABLE_NAME", table.name());
      String defaultSql = table.defaults().get(column.name());
      if (defaultSql != null) {
        more.put(COLUMN_DEFAULT, defaultSql);
      }
      columns.add(ArrowTypes.tableColumn(column, more));
    }
    return new Schema(columns);
  }

  public static void primaryKeys(
      SqlSession sql, CommandGetPrimaryKeys command, VectorSchemaRoot root) {
    var filler = new RootFiller(root);
    for (TableInfo table : sorted(sql.tables())) {
      boolean wanted =
          table.name().equals(command.getTable())
              && (!command.hasDbSchema() || table.schema().equals(command.getDbSchema()));
      if (wanted) {
        int sequence = 1;
        for (String column : table.primaryKey()) {
          filler.row(
              sql.database(),
              table.schema(),
              table.name(),
              column,
              sequence++,
              table.primaryKeyName());
        }
      }
    }
    filler.finish();
  }
}
