package dev.sheaf.compute.catalog;

import dev.sheaf.compute.sql.CatalogView;
import dev.sheaf.compute.sql.TableStatistics;
import dev.sheaf.protocol.catalog.TableDescriptor;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The catalog as one statement's planning sees it. Immutable; thread-safe if {@code estimates} is.
 *
 * @param estimates what is known of a table's rows
 */
public record StatementCatalog(
    Catalog catalog,
    String database,
    List<String> searchPath,
    Function<TableDescriptor, TableStatistics> estimates)
    implements CatalogView {

  @Override
  public long version() {
    return catalog.version().value();
  }

  @Override
  public boolean schemaExists(String schema) {
    return catalog.hasSchema(schema);
  }

  @Override
  public Optional<TableDescriptor> table(String schema, String name) {
    return Optional.ofNullable(catalog.table(schema, name));
  }

  @Override
  public List<String> tableNames(String schema) {
    return catalog.tables().stream()
        .filter(table -> table.schema().equals(schema))
        .map(TableDescriptor::name)
        .toList();
  }

  @Override
  public List<String> schemas() {
    return catalog.schemas();
  }

  @Override
  public TableStatistics statistics(TableDescriptor table) {
    return estimates.apply(table);
  }
}
