package dev.sheaf.rpc.shard.grpc;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.proto.shard.Column;
import dev.sheaf.protocol.proto.shard.Value;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.grpc.Failures;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import java.math.BigInteger;
import java.util.List;

/** Requested columns and single values as messages and back. */
final class ColumnMessages {
  private static final int INT128_BYTES = 16;

  private ColumnMessages() {}

  static Column column(ColumnRequest request) {
    Column.Builder column =
        Column.newBuilder().setId(request.columnId()).setType(type(request.type()));
    Object missing = request.missingValue();
    return (missing == null ? column : column.setMissingValue(value(missing))).build();
  }

  static ColumnRequest column(Column column) {
    PhysicalType type = type(column.getType());
    Object missing = column.hasMissingValue() ? value(column.getMissingValue()) : null;
    if (missing != null && typeOf(missing) != type) {
      throw new SheafException(
          ErrorCode.PROTOCOL_VIOLATION,
          "column " + column.getId() + " is " + type + ", its missing value is not");
    }
    return new ColumnRequest(column.getId(), type, missing);
  }

  static List<PhysicalType> types(List<ColumnRequest> columns) {
    return columns.stream().map(ColumnRequest::type).toList();
  }

  static Value value(Object value) {
    Value.Builder message = Value.newBuilder();
    return (switch (typeOf(value)) {
          case BOOL -> message.setBoolValue((Boolean) value);
          case INT -> message.setIntValue((Integer) value);
          case LONG -> message.setLongValue((Long) value);
          case INT128 ->
              message.setInt128Value(ShardMessages.bytes(((BigInteger) value).toByteArray()));
          case DOUBLE -> message.setDoubleValue((Double) value);
          case BYTES -> message.setBytesValue(ShardMessages.bytes((byte[]) value));
        })
        .build();
  }

  static Object value(Value value) {
    return switch (value.getValueCase()) {
      case BOOL_VALUE -> value.getBoolValue();
      case INT_VALUE -> value.getIntValue();
      case LONG_VALUE -> value.getLongValue();
      case INT128_VALUE -> {
        int size = value.getInt128Value().size();
        if (size == 0 || size > INT128_BYTES) {
          throw Failures.notUnderstood("a wide integer of " + size + " bytes");
        }
        yield new BigInteger(value.getInt128Value().toByteArray());
      }
      case DOUBLE_VALUE -> value.getDoubleValue();
      case BYTES_VALUE -> value.getBytesValue().toByteArray();
      case VALUE_NOT_SET -> throw Failures.notUnderstood("a kind of value");
    };
  }

  static PhysicalType typeOf(Object value) {
    return switch (value) {
      case Boolean b -> PhysicalType.BOOL;
      case Integer i -> PhysicalType.INT;
      case Long l -> PhysicalType.LONG;
      case BigInteger i -> PhysicalType.INT128;
      case Double d -> PhysicalType.DOUBLE;
      case byte[] b -> PhysicalType.BYTES;
      default -> throw new IllegalArgumentException("no stored value: " + value.getClass());
    };
  }

  private static dev.sheaf.protocol.proto.shard.PhysicalType type(PhysicalType type) {
    return switch (type) {
      case BOOL -> dev.sheaf.protocol.proto.shard.PhysicalType.PHYSICAL_TYPE_BOOL;
      case INT -> dev.sheaf.protocol.proto.shard.PhysicalType.PHYSICAL_TYPE_INT;
      case LONG -> dev.sheaf.protocol.proto.shard.PhysicalType.PHYSICAL_TYPE_LONG;
      case INT128 -> dev.sheaf.protocol.proto.shard.PhysicalType.PHYSICAL_TYPE_INT128;
      case DOUBLE -> dev.sheaf.protocol.proto.shard.PhysicalType.PHYSICAL_TYPE_DOUBLE;
      case BYTES -> dev.sheaf.protocol.proto.shard.PhysicalType.PHYSICAL_TYPE_BYTES;
    };
  }

  private static PhysicalType type(dev.sheaf.protocol.proto.shard.PhysicalType type) {
    return switch (type) {
      case PHYSICAL_TYPE_BOOL -> PhysicalType.BOOL;
      case PHYSICAL_TYPE_INT -> PhysicalType.INT;
      case PHYSICAL_TYPE_LONG -> PhysicalType.LONG;
      case PHYSICAL_TYPE_INT128 -> PhysicalType.INT128;
      case PHYSICAL_TYPE_DOUBLE -> PhysicalType.DOUBLE;
      case PHYSICAL_TYPE_BYTES -> PhysicalType.BYTES;
      case PHYSICAL_TYPE_UNSPECIFIED, UNRECOGNIZED ->
          throw Failures.notUnderstood("a type of column");
    };
  }
}
