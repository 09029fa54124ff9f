package dev.sheaf.rpc.shard.grpc;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.protocol.proto.shard.Call;
import dev.sheaf.protocol.proto.shard.Expression;
import dev.sheaf.protocol.proto.shard.Literal;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Conditions on a tail as messages and back. They only save rows their way, so those that do not
 * travel are left out: on one side what no {@link #TRAVELLING} function says or what is too long,
 * on the other what it does not know.
 */
final class ConditionMessages {
  /** Functions of their arguments alone, cheap, and without errors of their own. */
  private static final Set<Fn> TRAVELLING =
      EnumSet.of(
          Fn.AND,
          Fn.OR,
          Fn.NOT,
          Fn.IS_NULL,
          Fn.IS_NOT_NULL,
          Fn.IS_TRUE,
          Fn.IS_NOT_TRUE,
          Fn.IS_FALSE,
          Fn.IS_NOT_FALSE,
          Fn.EQ,
          Fn.NE,
          Fn.LT,
          Fn.LE,
          Fn.GT,
          Fn.GE,
          Fn.IS_DISTINCT_FROM,
          Fn.IS_NOT_DISTINCT_FROM,
          Fn.IN,
          Fn.LIKE,
          Fn.ILIKE,
          Fn.STARTS_WITH);

  private static final int MOST_BYTES = 64 << 10;

  /** Half of the depth at which protobuf refuses a message: each call is two. */
  private static final int DEEPEST = 40;

  private ConditionMessages() {}

  static List<Expression> conditions(List<Expr> conditions) {
    var messages = new ArrayList<Expression>();
    int bytes = 0;
    var left = new ArrayDeque<>(conditions);
    while (!left.isEmpty()) {
      Expr condition = left.pop();
      if (condition instanceof Expr.Call call && call.fn() == Fn.AND) {
        call.args().forEach(left::push);
        continue;
      }
      Expression message = message(condition, DEEPEST);
      if (message != null && bytes + message.getSerializedSize() <= MOST_BYTES) {
        bytes += message.getSerializedSize();
        messages.add(message);
      }
    }
    return messages;
  }

  private static @Nullable Expression message(Expr expr, int depth) {
    Expression.Builder message = Expression.newBuilder().setType(type(expr.type()));
    return switch (expr) {
      case Expr.Column column -> message.setColumn(column.index()).build();
      case Expr.Literal literal -> {
        Literal.Builder value = Literal.newBuilder();
        if (literal.value() != null) {
          value.setValue(ColumnMessages.value(literal.value()));
        }
        yield message.setLiteral(value).build();
      }
      case Expr.Call call -> {
        if (depth == 0 || !TRAVELLING.contains(call.fn())) {
          yield null;
        }
        Call.Builder inner = Call.newBuilder().setFunction(call.fn().name());
        for (Expr arg : call.args()) {
          Expression argument = message(arg, depth - 1);
          if (argument == null) {
            yield null;
          }
          inner.addArguments(argument);
        }
        yield message.setCall(inner).build();
      }
      case Expr.Parameter p -> null;
      case Expr.Correlated c -> null;
    };
  }

  /**
   * @param columns types of the tail's columns
   */
  static List<Expr> conditions(List<Expression> messages, List<PhysicalType> columns) {
    return messages.stream().map(m -> expr(m, columns)).flatMap(Optional::stream).toList();
  }

  private static Optional<Expr> expr(Expression message, List<PhysicalType> columns) {
    Optional<SqlType> type = type(message.getType());
    return switch (message.getNodeCase()) {
      case COLUMN ->
          type.filter(t -> isColumn(message.getColumn(), t, columns))
              .map(t -> new Expr.Column(message.getColumn(), t));
      case LITERAL -> type.flatMap(t -> literal(message.getLiteral(), t));
      case CALL -> type.flatMap(t -> call(message.getCall(), t, columns));
      case NODE_NOT_SET -> Optional.empty();
    };
  }

  private static boolean isColumn(int index, SqlType type, List<PhysicalType> columns) {
    return index >= 0 && index < columns.size() && columns.get(index) == type.physical();
  }

  private static Optional<Expr> literal(Literal message, SqlType type) {
    if (!message.hasValue()) {
      return Optional.of(new Expr.Literal(null, type));
    }
    Object value = ColumnMessages.value(message.getValue());
    return ColumnMessages.typeOf(value) == type.physical()
        ? Optional.of(new Expr.Literal(value, type))
        : Optional.empty();
  }

  private static Optional<Expr> call(Call message, SqlType type, List<PhysicalType> columns) {
    Optional<Fn> known =
        TRAVELLING.stream().filter(f -> f.name().equals(message.getFunction())).findAny();
    List<Expr> args = conditions(message.getArgumentsList(), columns);
    return known
        .filter(fn -> args.size() == message.getArgumentsCount())
        .map(fn -> new Expr.Call(fn, args, type));
  }

  private static dev.sheaf.protocol.proto.shard.SqlType type(SqlType type) {
    return dev.sheaf.protocol.proto.shard.SqlType.newBuilder()
        .setKind(type.kind().name())
        .setPrecision(type.precision())
        .setScale(type.scale())
        .build();
  }

  private static Optional<SqlType> type(dev.sheaf.protocol.proto.shard.SqlType message) {
    for (SqlType.Kind kind : SqlType.Kind.values()) {
      if (kind.name().equals(message.getKind())) {
        return Optional.of(new SqlType(kind, message.getPrecision(), message.getScale()));
      }
    }
    return Optional.empty();
  }
}
