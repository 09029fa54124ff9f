package dev.sheaf.compute.catalog;

import dev.sheaf.compute.sql.TableName;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.List;
import java.util.Optional;

/** Resolves the names of DDL and COPY along the search path. Immutable and thread-safe. */
public record CatalogNames(Catalog catalog, List<String> searchPath) {

  /** The table, or 42P01. */
  public TableDescriptor require(TableName name) {
    return find(name)
        .orElseThrow(() -> {
          if (name.schema() != null && !catalog.hasSchema(name.schema())) {
            return noSchema(name.schema()).at(name.position().line(), name.position().column());
          }
          return name.position()
              .error(ErrorCode.UNDEFINED_TABLE, "relation \"" + name + "\" does not exist");
        });
  }

  /** The table if it exists; 42501 for system tables, which cannot be changed. */
  public Optional<TableDescriptor> find(TableName name) {
    if (name.schema() != null) {
      requireWritable(name.schema());
      return Optional.ofNullable(catalog.table(name.schema(), name.name()));
    }
    for (String schema : searchPath) {
      TableDescriptor table = catalog.table(schema, name.name());
      if (table != null) {
        return Optional.of(table);
      }
    }
    return Optional.empty();
  }

  /** The schema in which a new table of this name goes; 3F000 if there is none. */
  String schemaForNew(TableName name) {
    if (name.schema() != null) {
      requireWritable(name.schema());
      if (!catalog.hasSchema(name.schema())) {
        throw noSchema(name.schema()).at(name.position().line(), name.position().column());
      }
      return name.schema();
    }
    String schema =
        searchPath.stream()
            .filter(catalog::hasSchema)
            .findFirst()
            .orElseThrow(() ->
                new SheafException(
                        ErrorCode.INVALID_SCHEMA_NAME, "no schema has been selected to create in")
                    .withHint("Name the schema, or SET search_path TO an existing one."));
    requireWritable(schema);
    return schema;
  }

  static SheafException noSchema(String schema) {
    return new SheafException(
        ErrorCode.INVALID_SCHEMA_NAME, "schema \"" + schema + "\" does not exist");
  }

  private static void requireWritable(String schema) {
    if (schema.equals(CatalogTables.INFORMATION_SCHEMA)) {
      throw new SheafException(
          ErrorCode.INSUFFICIENT_PRIVILEGE, "schema information_schema is read-only");
    }
  }
}
