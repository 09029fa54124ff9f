package dev.sheaf.compute.sql.analyze;

import dev.sheaf.compute.sql.CatalogView;
import dev.sheaf.compute.sql.SystemTables;
import dev.sheaf.compute.sql.TableName;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.List;
import java.util.Optional;

/** Finds tables along the search path. */
public final class Tables {
  private Tables() {}

  /**
   * The user table of this name.
   *
   * @throws SheafException 42P01 or 3F000 with a hint; 42501 for information_schema
   */
  public static TableDescriptor resolve(TableName name, CatalogView catalog) {
    if (SystemTables.SCHEMA.equals(name.schema())) {
      throw name.position()
          .error(ErrorCode.INSUFFICIENT_PRIVILEGE, "\"" + name + "\" is a system table")
          .withHint("information_schema can only be read.");
    }
    return find(name, catalog).orElseThrow(() -> missing(name, catalog));
  }

  static Optional<TableDescriptor> find(TableName name, CatalogView catalog) {
    List<String> schemas = name.schema() == null ? catalog.searchPath() : List.of(name.schema());
    return schemas.stream().flatMap(s -> catalog.table(s, name.name()).stream()).findFirst();
  }

  static SheafException missing(TableName name, CatalogView catalog) {
    String schema = name.schema();
    if (schema != null && !schema.equals(SystemTables.SCHEMA) && !catalog.schemaExists(schema)) {
      SheafException error =
          name.position()
              .error(ErrorCode.INVALID_SCHEMA_NAME, "schema \"" + schema + "\" does not exist");
      return hinted(error, schema, catalog.schemas());
    }
    SheafException error =
        name.position()
            .error(ErrorCode.UNDEFINED_TABLE, "relation \"" + name + "\" does not exist");
    List<String> schemas = schema == null ? catalog.searchPath() : List.of(schema);
    List<String> candidates =
        SystemTables.SCHEMA.equals(schema)
            ? SystemTables.names()
            : schemas.stream().flatMap(s -> catalog.tableNames(s).stream()).toList();
    return hinted(error, name.name(), candidates);
  }

  private static SheafException hinted(SheafException error, String name, List<String> candidates) {
    return Suggestions.nearest(name, candidates)
        .map(s -> error.withHint("Did you mean \"" + s + "\"?"))
        .orElse(error);
  }
}
