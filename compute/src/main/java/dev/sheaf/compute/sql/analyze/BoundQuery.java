package dev.sheaf.compute.sql.analyze;

import java.util.List;
import org.apache.calcite.rel.RelNode;

/**
 * A bound query.
 *
 * @param names of the columns, as the user sees them (Calcite makes its field names unique)
 */
public record BoundQuery(RelNode rel, List<String> names) {}
