package dev.sheaf.rpc.shard.grpc;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import java.nio.ByteBuffer;

/**
 * Some of a batch's live rows, written column by column in {@link BatchCodec}'s layout. Without a
 * selection the arrays are copied as they are.
 */
record RowSlice(Batch batch, int from, int count) {
  private int row(int i) {
    return batch.row(from + i);
  }

  private boolean dense() {
    return batch.selection() == null;
  }

  boolean hasNulls(Vec column) {
    if (column.hasNulls()) {
      for (int i = 0; i < count; i++) {
        if (column.isNull(row(i))) {
          return true;
        }
      }
    }
    return false;
  }

  long dataBytes(BytesVec column) {
    long size = 0;
    for (int i = 0; i < count; i++) {
      size += length(column, row(i));
    }
    return size;
  }

  private static int length(BytesVec column, int row) {
    return column.isNull(row) ? 0 : column.length()[row];
  }

  void write(Vec column, ByteBuffer out) {
    boolean nulls = hasNulls(column);
    out.put((byte) column.type().ordinal()).put((byte) (nulls ? 1 : 0));
    if (nulls) {
      writeValidity(column, out);
    }
    switch (column) {
      case Vec.BoolVec bool -> {
        for (int i = 0; i < count; i++) {
          out.put((byte) (bool.values()[row(i)] & 1));
        }
      }
      case Vec.IntVec ints -> writeInts(ints.values(), out);
      case Vec.LongVec longs -> writeLongs(longs.values(), out);
      case Vec.Int128Vec wide -> {
        writeLongs(wide.high(), out);
        writeLongs(wide.low(), out);
      }
      case Vec.DoubleVec doubles -> writeDoubles(doubles.values(), out);
      case BytesVec bytes -> writeBytes(bytes, out);
    }
  }

  private void writeValidity(Vec column, ByteBuffer out) {
    for (int word = 0; word < BatchCodec.words(count); word++) {
      long bits = 0;
      int end = Math.min(64, count - 64 * word);
      for (int i = 0; i < end; i++) {
        if (!column.isNull(row(64 * word + i))) {
          bits |= 1L << i;
        }
      }
      out.putLong(bits);
    }
  }

  private void writeInts(int[] values, ByteBuffer out) {
    if (dense()) {
      out.asIntBuffer().put(values, from, count);
      out.position(out.position() + 4 * count);
      return;
    }
    for (int i = 0; i < count; i++) {
      out.putInt(values[row(i)]);
    }
  }

  private void writeLongs(long[] values, ByteBuffer out) {
    if (dense()) {
      out.asLongBuffer().put(values, from, count);
      out.position(out.position() + 8 * count);
      return;
    }
    for (int i = 0; i < count; i++) {
      out.putLong(values[row(i)]);
    }
  }

  private void writeDoubles(double[] values, ByteBuffer out) {
    if (dense()) {
      out.asDoubleBuffer().put(values, from, count);
      out.position(out.position() + 8 * count);
      return;
    }
    for (int i = 0; i < count; i++) {
      out.putDouble(values[row(i)]);
    }
  }

  private void writeBytes(BytesVec column, ByteBuffer out) {
    out.putInt((int) dataBytes(column));
    for (int i = 0; i < count; i++) {
      out.putInt(length(column, row(i)));
    }
    for (int i = 0; i < count; i++) {
      int row = row(i);
      out.put(column.data(), column.start()[row], length(column, row));
    }
  }
}
