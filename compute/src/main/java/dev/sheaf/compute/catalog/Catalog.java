package dev.sheaf.compute.catalog;

import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.catalog.TableDescriptor;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** All schemas and tables of a database as of one version. Immutable and thread-safe. */
public final class Catalog {
  private static final Comparator<TableDescriptor> BY_NAME =
      Comparator.comparing(TableDescriptor::schema).thenComparing(TableDescriptor::name);

  private final Timestamp version;
  private final SortedSet<String> userSchemas;
  private final Map<Integer, TableDescriptor> byId;
  private final Map<QualifiedName, TableDescriptor> byName = new HashMap<>();
  private final List<TableDescriptor> sorted;
  private final long sizeBytes;

  private record QualifiedName(String schema, String name) {}

  Catalog(Timestamp version, Collection<String> userSchemas, Map<Integer, TableDescriptor> tables) {
    this.version = version;
    this.userSchemas = Collections.unmodifiableSortedSet(new TreeSet<>(userSchemas));
    this.byId = Map.copyOf(tables);
    this.sorted = tables.values().stream().sorted(BY_NAME).toList();
    long bytes = 256;
    for (TableDescriptor table : sorted) {
      byName.put(new QualifiedName(table.schema(), table.name()), table);
      bytes += 256 + 200L * table.columns().size();
    }
    this.sizeBytes = bytes;
  }

  /** Commit timestamp of the newest change that is in it. */
  public Timestamp version() {
    return version;
  }

  /** Schemas made by users: all but public and information_schema. */
  SortedSet<String> userSchemas() {
    return userSchemas;
  }

  Map<Integer, TableDescriptor> byId() {
    return byId;
  }

  /** Sorted. */
  public List<String> schemas() {
    SortedSet<String> all = new TreeSet<>(userSchemas);
    all.add(CatalogTables.PUBLIC);
    all.add(CatalogTables.INFORMATION_SCHEMA);
    return List.copyOf(all);
  }

  public boolean hasSchema(String schema) {
    return schema.equals(CatalogTables.PUBLIC)
        || schema.equals(CatalogTables.INFORMATION_SCHEMA)
        || userSchemas.contains(schema);
  }

  public @Nullable TableDescriptor table(String schema, String name) {
    return byName.get(new QualifiedName(schema, name));
  }

  public @Nullable TableDescriptor table(int id) {
    return byId.get(id);
  }

  /** Users' tables by schema and name. */
  public List<TableDescriptor> tables() {
    return sorted;
  }

  /** Rough memory held, for caches. */
  long sizeBytes() {
    return sizeBytes;
  }
}
