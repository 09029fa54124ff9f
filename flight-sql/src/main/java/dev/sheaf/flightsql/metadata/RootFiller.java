package dev.sheaf.flightsql.metadata;

import java.nio.charset.StandardCharsets;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;

/** Fills a root row by row with the few rows that metadata has. Not thread-safe. */
final class RootFiller {
  private final VectorSchemaRoot root;
  private int rows;

  RootFiller(VectorSchemaRoot root) {
    this.root = root;
  }

  /** Appends a row: strings, integers, booleans, bytes or null, one for each column but lists. */
  void row(@Nullable Object... values) {
    for (int i = 0; i < values.length; i++) {
      Object value = values[i];
      if (value != null) {
        set(root.getVector(i), value);
      }
    }
    rows++;
  }

  private void set(FieldVector vector, Object value) {
    switch (vector) {
      case VarCharVector v -> v.setSafe(rows, ((String) value).getBytes(StandardCharsets.UTF_8));
      case IntVector v -> v.setSafe(rows, (Integer) value);
      case BitVector v -> v.setSafe(rows, (Boolean) value ? 1 : 0);
      case VarBinaryVector v -> v.setSafe(rows, (byte[]) value);
      default -> throw new IllegalArgumentException("no metadata column has type " + vector);
    }
  }

  int rows() {
    return rows;
  }

  void finish() {
    root.setRowCount(rows);
  }
}
