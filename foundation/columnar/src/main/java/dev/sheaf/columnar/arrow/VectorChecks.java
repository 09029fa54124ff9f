package dev.sheaf.columnar.arrow;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BaseLargeVariableWidthVector;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.NullVector;

/**
 * Are a vector's buffers long enough for its rows? The copies that follow trust these answers, also
 * in a process that switched Arrow's own bounds checks off. Stateless.
 */
final class VectorChecks {
  private VectorChecks() {}

  static SheafException invalid(String what) {
    return new SheafException(
            ErrorCode.INVALID_BINARY_REPRESENTATION, "invalid Arrow data: " + what)
        .withHint("The client sent a record batch that contradicts itself.");
  }

  static void check(FieldVector vector, int rows) {
    if (rows < 0 || vector.getValueCount() != rows) {
      throw invalid(
          "column \""
              + vector.getName()
              + "\" has "
              + vector.getValueCount()
              + " values, the batch "
              + rows
              + " rows");
    }
    if (rows == 0 || vector instanceof NullVector) {
      return;
    }
    require(vector, "validity", vector.getValidityBuffer(), (rows + 7L) / 8);
    switch (vector) {
      case BitVector bits -> require(vector, "data", bits.getDataBuffer(), (rows + 7L) / 8);
      case BaseFixedWidthVector fixed ->
          require(vector, "data", fixed.getDataBuffer(), (long) rows * fixed.getTypeWidth());
      case BaseVariableWidthVector text ->
          require(vector, "offset", text.getOffsetBuffer(), 4 * (rows + 1L));
      case BaseLargeVariableWidthVector text ->
          require(vector, "offset", text.getOffsetBuffer(), 8 * (rows + 1L));
      default ->
          throw new SheafException(
              ErrorCode.FEATURE_NOT_SUPPORTED,
              "Arrow type " + vector.getField().getType() + " is not supported");
    }
  }

  private static void require(FieldVector vector, String what, ArrowBuf buffer, long bytes) {
    if (buffer.capacity() < bytes) {
      throw invalid(
          "the "
              + what
              + " buffer of column \""
              + vector.getName()
              + "\" has "
              + buffer.capacity()
              + " bytes, its rows need "
              + bytes);
    }
  }
}
