package dev.sheaf.compute.sql;

import org.jspecify.annotations.Nullable;

/**
 * A table as a statement names it.
 *
 * @param schema null = look along the search path
 */
public record TableName(@Nullable String schema, String name, Position position) {
  @Override
  public String toString() {
    return schema == null ? name : schema + "." + name;
  }
}
