package dev.sheaf.system.sim;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.protocol.row.Row;
import dev.sheaf.protocol.row.RowCodec;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.shard.ShardService.Write;
import dev.sheaf.rpc.shard.ShardService.WriteKind;

/** Keys and rows of the workloads: a number by number, or a text by number. */
final class Rows {
  private static final int COLUMN = 2;

  private Rows() {}

  static byte[] key(int table, long number) {
    return TableKey.encodeRowId(table, number);
  }

  static long numberOf(byte[] key) {
    return (Long) TableKey.decode(key, new PhysicalType[] {PhysicalType.LONG})[0];
  }

  static Write put(int table, long key, long value) {
    return new Write(key(table, key), WriteKind.PUT, row(PhysicalType.LONG, value));
  }

  static Write delete(int table, long key) {
    return new Write(key(table, key), WriteKind.DELETE, null);
  }

  static Write insert(int table, long key, long value) {
    return new Write(key(table, key), WriteKind.INSERT, row(PhysicalType.LONG, value));
  }

  static Write put(int table, long key, String text) {
    return new Write(key(table, key), WriteKind.PUT, row(PhysicalType.BYTES, text.getBytes(UTF_8)));
  }

  private static byte[] row(PhysicalType type, Object value) {
    return RowCodec.encode(
        new Row(new int[] {COLUMN}, new PhysicalType[] {type}, new Object[] {value}));
  }

  static long number(byte[] row) {
    return (Long) RowCodec.decode(row).values()[0];
  }

  static String text(byte[] row) {
    return new String((byte[]) RowCodec.decode(row).values()[0], UTF_8);
  }
}
