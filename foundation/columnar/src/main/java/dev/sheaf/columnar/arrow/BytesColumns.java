package dev.sheaf.columnar.arrow;

import dev.sheaf.columnar.vector.Validity;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BaseLargeVariableWidthVector;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.VarCharVector;

/** Strings and bytes: one copy of the data, views made from the offsets. Stateless. */
final class BytesColumns {
  private BytesColumns() {}

  static boolean accepts(FieldVector vector) {
    return vector instanceof BaseVariableWidthVector
        || vector instanceof BaseLargeVariableWidthVector
        || vector instanceof FixedSizeBinaryVector
        || vector instanceof NullVector;
  }

  static Vec read(FieldVector vector, int from, int count) {
    if (vector instanceof NullVector || count == 0) {
      return BytesVec.of(
          new byte[0], new int[count], new int[count], new long[Validity.words(count)], count);
    }
    long[] offsets =
        switch (vector) {
          case BaseVariableWidthVector v -> narrowOffsets(v.getOffsetBuffer(), from, count);
          case BaseLargeVariableWidthVector v -> wideOffsets(v.getOffsetBuffer(), from, count);
          default -> regularOffsets(((FixedSizeBinaryVector) vector).getByteWidth(), from, count);
        };
    checkOffsets(vector, offsets);
    byte[] data = new byte[(int) (offsets[count] - offsets[0])];
    vector.getDataBuffer().getBytes(offsets[0], data);
    int[] start = new int[count];
    int[] length = new int[count];
    for (int i = 0; i < count; i++) {
      start[i] = (int) (offsets[i] - offsets[0]);
      length[i] = (int) (offsets[i + 1] - offsets[i]);
    }
    long[] validity = FixedColumns.validity(vector, from, count);
    BytesVec values = BytesVec.of(data, start, length, validity, count);
    if (vector instanceof VarCharVector || vector instanceof LargeVarCharVector) {
      checkText(vector.getName(), values);
    }
    return values;
  }

  private static long[] narrowOffsets(ArrowBuf buffer, int from, int count) {
    int[] narrow = new int[count + 1];
    buffer
        .nioBuffer(4L * from, 4 * (count + 1))
        .order(ByteOrder.LITTLE_ENDIAN)
        .asIntBuffer()
        .get(narrow);
    long[] offsets = new long[count + 1];
    for (int i = 0; i <= count; i++) {
      offsets[i] = narrow[i];
    }
    return offsets;
  }

  private static long[] wideOffsets(ArrowBuf buffer, int from, int count) {
    long[] offsets = new long[count + 1];
    buffer
        .nioBuffer(8L * from, 8 * (count + 1))
        .order(ByteOrder.LITTLE_ENDIAN)
        .asLongBuffer()
        .get(offsets);
    return offsets;
  }

  private static long[] regularOffsets(int width, int from, int count) {
    long[] offsets = new long[count + 1];
    for (int i = 0; i <= count; i++) {
      offsets[i] = (long) width * (from + i);
    }
    return offsets;
  }

  private static void checkOffsets(FieldVector vector, long[] offsets) {
    long previous = offsets[0];
    boolean ordered = previous >= 0;
    for (long offset : offsets) {
      ordered &= offset >= previous;
      previous = offset;
    }
    if (!ordered || previous > vector.getDataBuffer().capacity()) {
      throw VectorChecks.invalid("offsets of column \"" + vector.getName() + "\" are out of range");
    }
    if (previous - offsets[0] > Integer.MAX_VALUE - 64) {
      throw new SheafException(
          ErrorCode.PROGRAM_LIMIT_EXCEEDED,
          "column \"" + vector.getName() + "\" holds more than 2 GiB in one batch");
    }
  }

  private static void checkText(String column, BytesVec values) {
    if (isPlainAscii(values.data())) {
      return;
    }
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    for (int i = 0; i < values.size(); i++) {
      if (values.isNull(i)) {
        continue;
      }
      int start = values.start()[i];
      int end = start + values.length()[i];
      for (int at = start; at < end; at++) {
        if (values.data()[at] == 0) {
          throw notText(column, "a zero byte");
        }
      }
      try {
        decoder.decode(ByteBuffer.wrap(values.data(), start, end - start));
      } catch (CharacterCodingException e) {
        throw notText(column, "bytes that are not UTF-8");
      }
    }
  }

  private static boolean isPlainAscii(byte[] data) {
    boolean plain = true;
    for (byte b : data) {
      plain &= b > 0;
    }
    return plain;
  }

  private static SheafException notText(String column, String what) {
    return new SheafException(
        ErrorCode.CHARACTER_NOT_IN_REPERTOIRE, "column \"" + column + "\" contains " + what);
  }
}
