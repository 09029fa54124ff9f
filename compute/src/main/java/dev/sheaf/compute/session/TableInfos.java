package dev.sheaf.compute.session;

import dev.sheaf.compute.catalog.Catalog;
import dev.sheaf.compute.sql.SystemTables;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.rpc.sql.SqlSession.TableInfo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tables as clients list them. */
final class TableInfos {
  private TableInfos() {}

  /** Sorted by schema and name, information_schema's included. */
  static List<TableInfo> of(Catalog catalog) {
    List<TableInfo> infos = new ArrayList<>();
    for (String name : SystemTables.names()) {
      infos.add(
          new TableInfo(
              SystemTables.SCHEMA,
              name,
              "SYSTEM TABLE",
              SystemTables.columns(name).orElseThrow(),
              Map.of(),
              List.of(),
              ""));
    }
    catalog.tables().forEach(table -> infos.add(of(table)));
    infos.sort(Comparator.comparing(TableInfo::schema).thenComparing(TableInfo::name));
    return infos;
  }

  private static TableInfo of(TableDescriptor table) {
    Map<String, String> defaults = new LinkedHashMap<>();
    List<Field> columns = new ArrayList<>();
    for (ColumnDescriptor column : table.columns()) {
      columns.add(new Field(column.name(), column.type(), column.nullable()));
      if (column.defaultSql() != null) {
        defaults.put(column.name(), column.defaultSql());
      }
    }
    List<String> key =
        table.primaryKey().stream()
            .map(id -> table.columns().get(table.ordinalOf(id)).name())
            .toList();
    return new TableInfo(
        table.schema(), table.name(), "TABLE", columns, defaults, key, table.primaryKeyName());
  }
}
