package dev.sheaf.compute.copy.parquet;

import dev.sheaf.columnar.codec.ByteSink;
import java.nio.charset.StandardCharsets;

/**
 * Thrift's compact protocol, as far as Parquet's metadata needs it.
 *
 * <pre>
 * struct: | field | ... | 0x00 |
 * field:  | (id - id before) << 4 | type |  value      if ids are 1 to 15 apart, else
 *         | type | zigzag varint id |       value
 * list:   | count << 4 | type | elements    with 15 elements or more: | 0xF0 | type | varint count | ...
 * i32, i64: zigzag varint      binary: varint length, bytes      bool: in the field's type
 * </pre>
 *
 * Used by one thread.
 */
final class ThriftWriter {
  private static final int TRUE = 1;
  private static final int FALSE = 2;
  private static final int I8 = 3;
  private static final int I16 = 4;
  private static final int I32 = 5;
  private static final int I64 = 6;
  private static final int BINARY = 8;
  private static final int LIST = 9;
  private static final int STRUCT = 12;
  private static final int DEEPEST = 16;

  private final ByteSink out;
  private final int[] lastIds = new int[DEEPEST];
  private int depth;

  /** Writes the fields of a struct, to be ended by {@link #end}. */
  ThriftWriter(ByteSink out) {
    this.out = out;
  }

  private void field(int id, int type) {
    int delta = id - lastIds[depth];
    if (delta > 0 && delta <= 15) {
      out.putByte(delta << 4 | type);
    } else {
      out.putByte(type);
      varint(zigzag(id));
    }
    lastIds[depth] = id;
  }

  void bool(int id, boolean value) {
    field(id, value ? TRUE : FALSE);
  }

  void i8(int id, int value) {
    field(id, I8);
    out.putByte(value);
  }

  void i16(int id, int value) {
    field(id, I16);
    varint(zigzag(value));
  }

  void i32(int id, int value) {
    field(id, I32);
    varint(zigzag(value));
  }

  void i64(int id, long value) {
    field(id, I64);
    varint(zigzag(value));
  }

  void text(int id, String value) {
    bytes(id, value.getBytes(StandardCharsets.UTF_8));
  }

  void bytes(int id, byte[] value) {
    field(id, BINARY);
    element(value);
  }

  /** Begins a field that is a struct, ended by {@link #end}. */
  void struct(int id) {
    field(id, STRUCT);
    element();
  }

  /** Begins an element of a list of structs, ended by {@link #end}. */
  void element() {
    lastIds[++depth] = 0;
  }

  void end() {
    out.putByte(0);
    if (depth > 0) {
      depth--;
    }
  }

  void emptyStruct(int id) {
    struct(id);
    end();
  }

  /** Begins a list of structs; {@code count} elements follow. */
  void structs(int id, int count) {
    list(id, STRUCT, count);
  }

  void i32s(int id, int... values) {
    list(id, I32, values.length);
    for (int value : values) {
      varint(zigzag(value));
    }
  }

  /** A list of one text. */
  void texts(int id, String value) {
    list(id, BINARY, 1);
    element(value.getBytes(StandardCharsets.UTF_8));
  }

  private void list(int id, int type, int count) {
    field(id, LIST);
    if (count < 15) {
      out.putByte(count << 4 | type);
    } else {
      out.putByte(0xF0 | type);
      varint(count);
    }
  }

  private void element(byte[] value) {
    varint(value.length);
    out.putBytes(value, 0, value.length);
  }

  private void varint(long value) {
    long left = value;
    while ((left & ~0x7FL) != 0) {
      out.putByte((int) (left & 0x7F) | 0x80);
      left >>>= 7;
    }
    out.putByte((int) left);
  }

  private static long zigzag(long value) {
    return value << 1 ^ value >> 63;
  }
}
