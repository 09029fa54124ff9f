package dev.sheaf.compute.catalog;

import dev.sheaf.protocol.catalog.CheckDescriptor;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.row.Row;
import dev.sheaf.protocol.row.RowCodec;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.protocol.type.SqlType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of a {@link TableDescriptor}, big endian.
 *
 * <pre>
 * | version u8 = 1 | id i32 | schema str | name str | table version i64 | next column id i32 |
 * | key name str | columns u16, each: | key columns u16, each: column id i32 |
 * | checks u16, each: name str, condition str |
 * column: | id i32 | name str | kind str | precision i32 | scale i32 | flags u8 |
 *         | default str, if flag 0x02 | added default bytes, if flag 0x04 |
 * str, bytes: | length i32 | UTF-8 or bytes |
 * kind: the constant's name in SqlType.Kind
 * flags: 0x01 nullable, 0x02 has a default, 0x04 has an added default
 * added default: RowCodec bytes of a row of one column with id 1
 * </pre>
 *
 * Integrity is the container's duty (the row lies in log records and segments with checksums). Pure
 * and thread-safe.
 */
final class DescriptorCodec {
  private static final int VERSION = 1;
  private static final int NULLABLE = 1;
  private static final int HAS_DEFAULT = 2;
  private static final int HAS_ADDED_DEFAULT = 4;

  private DescriptorCodec() {}

  static byte[] encode(TableDescriptor table) {
    var bytes = new ByteArrayOutputStream(256);
    try (var out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeInt(table.id());
      writeText(out, table.schema());
      writeText(out, table.name());
      out.writeLong(table.version());
      out.writeInt(table.nextColumnId());
      writeText(out, table.primaryKeyName());
      out.writeShort(table.columns().size());
      for (ColumnDescriptor column : table.columns()) {
        writeColumn(out, column);
      }
      out.writeShort(table.primaryKey().size());
      for (int columnId : table.primaryKey()) {
        out.writeInt(columnId);
      }
      out.writeShort(table.checks().size());
      for (CheckDescriptor check : table.checks()) {
        writeText(out, check.name());
        writeText(out, check.conditionSql());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("an array in memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  private static void writeColumn(DataOutputStream out, ColumnDescriptor column)
      throws IOException {
    SqlType type = column.type();
    out.writeInt(column.id());
    writeText(out, column.name());
    writeText(out, type.kind().name());
    out.writeInt(type.precision());
    out.writeInt(type.scale());
    out.writeByte(
        (column.nullable() ? NULLABLE : 0)
            | (column.defaultSql() == null ? 0 : HAS_DEFAULT)
            | (column.addedDefault() == null ? 0 : HAS_ADDED_DEFAULT));
    if (column.defaultSql() != null) {
      writeText(out, column.defaultSql());
    }
    if (column.addedDefault() != null) {
      @Nullable Object[] value = {column.addedDefault()};
      writeBytes(
          out,
          RowCodec.encode(new Row(new int[] {1}, new PhysicalType[] {type.physical()}, value)));
    }
  }

  /** The inverse of {@link #encode}; XX001 on bytes that it cannot have written. */
  static TableDescriptor decode(byte[] bytes) {
    try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int version = in.readUnsignedByte();
      if (version != VERSION) {
        throw corrupted("unknown version " + version, null);
      }
      int id = in.readInt();
      String schema = readText(in);
      String name = readText(in);
      long tableVersion = in.readLong();
      int nextColumnId = in.readInt();
      String keyName = readText(in);
      List<ColumnDescriptor> columns = new ArrayList<>();
      for (int n = in.readUnsignedShort(); n > 0; n--) {
        columns.add(readColumn(in));
      }
      List<Integer> key = new ArrayList<>();
      for (int n = in.readUnsignedShort(); n > 0; n--) {
        key.add(in.readInt());
      }
      List<CheckDescriptor> checks = new ArrayList<>();
      for (int n = in.readUnsignedShort(); n > 0; n--) {
        checks.add(new CheckDescriptor(readText(in), readText(in)));
      }
      return new TableDescriptor(
          id, schema, name, tableVersion, columns, key, keyName, checks, nextColumnId);
    } catch (IOException | IllegalArgumentException e) {
      throw corrupted("cut or garbled", e);
    }
  }

  private static ColumnDescriptor readColumn(DataInputStream in) throws IOException {
    int id = in.readInt();
    String name = readText(in);
    var type = new SqlType(SqlType.Kind.valueOf(readText(in)), in.readInt(), in.readInt());
    int flags = in.readUnsignedByte();
    String defaultSql = (flags & HAS_DEFAULT) == 0 ? null : readText(in);
    Object added =
        (flags & HAS_ADDED_DEFAULT) == 0 ? null : RowCodec.decode(readBytes(in)).values()[0];
    return new ColumnDescriptor(id, name, type, (flags & NULLABLE) != 0, defaultSql, added);
  }

  private static void writeText(DataOutputStream out, String text) throws IOException {
    writeBytes(out, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void writeBytes(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static String readText(DataInputStream in) throws IOException {
    return new String(readBytes(in), StandardCharsets.UTF_8);
  }

  private static byte[] readBytes(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > in.available()) {
      throw corrupted("impossible length " + length, null);
    }
    return in.readNBytes(length);
  }

  private static SheafException corrupted(String what, @Nullable Throwable cause) {
    return new SheafException(
        ErrorCode.DATA_CORRUPTED, "a stored table descriptor cannot be decoded: " + what, cause);
  }
}
