package dev.sheaf.compute.sql;

import dev.sheaf.protocol.catalog.TableDescriptor;
import java.util.List;
import java.util.Optional;

/**
 * The catalog as one statement sees it. Answers do not change during a statement; thread-safe.
 * information_schema is not part of it: see {@link SystemTables}.
 */
public interface CatalogView {
  /** Grows with every change of the catalog; plans of another version are stale. */
  long version();

  /** Name of the database, for messages. */
  String database();

  /** Schemas searched for unqualified names, in order. */
  List<String> searchPath();

  boolean schemaExists(String schema);

  Optional<TableDescriptor> table(String schema, String name);

  /** Names of the schema's tables, for hints; empty if the schema is unknown. */
  List<String> tableNames(String schema);

  List<String> schemas();

  /** What is known about a table's rows; {@link TableStatistics#UNKNOWN} if nothing is. */
  TableStatistics statistics(TableDescriptor table);
}
