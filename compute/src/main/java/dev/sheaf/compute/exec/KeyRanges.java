package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.compute.plan.PlanNode.KeyBounds;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a plan says of keys and times symbolically, as values of this execution. */
final class KeyRanges {
  private KeyRanges() {}

  /** The keys that the bounds leave; null = none, because a bound is NULL. */
  static @Nullable KeyRange of(TableDescriptor table, KeyBounds bounds, Execution execution) {
    List<@Nullable Object> prefix = new ArrayList<>();
    for (Expr equal : bounds.equal()) {
      Object value = execution.constant(equal);
      if (value == null) {
        return null;
      }
      prefix.add(value);
    }
    Expr lowerExpr = bounds.lower();
    Expr upperExpr = bounds.upper();
    Object lower = lowerExpr == null ? null : execution.constant(lowerExpr);
    Object upper = upperExpr == null ? null : execution.constant(upperExpr);
    if ((lowerExpr != null && lower == null) || (upperExpr != null && upper == null)) {
      return null;
    }
    try {
      byte[] base = encode(table, prefix);
      byte[] start = base;
      if (lower != null) {
        byte[] key = encode(table, with(prefix, lower));
        byte[] after = TableKey.prefixEnd(key);
        start = bounds.lowerInclusive() || after == null ? key : after;
      }
      byte[] end = TableKey.prefixEnd(base);
      if (upper != null) {
        byte[] key = encode(table, with(prefix, upper));
        end = bounds.upperInclusive() ? TableKey.prefixEnd(key) : key;
      }
      return end != null && Arrays.compareUnsigned(start, end) >= 0
          ? null
          : new KeyRange(start, end);
    } catch (SheafException e) {
      if (e.code() == ErrorCode.PROGRAM_LIMIT_EXCEEDED) {
        // A value too long for a key equals none, but may bound a range: the filter decides.
        return KeyRange.ofTable(table.id());
      }
      throw e;
    }
  }

  private static List<@Nullable Object> with(List<@Nullable Object> prefix, Object last) {
    List<@Nullable Object> all = new ArrayList<>(prefix);
    all.add(last);
    return all;
  }

  private static byte[] encode(TableDescriptor table, List<@Nullable Object> values) {
    PhysicalType[] types = Arrays.copyOf(keyTypes(table), values.size());
    return TableKey.encode(table.id(), types, values.toArray());
  }

  static PhysicalType[] keyTypes(TableDescriptor table) {
    return table.primaryKey().stream()
        .map(id -> table.columns().get(table.ordinalOf(id)).type().physical())
        .toArray(PhysicalType[]::new);
  }

  /** Encoded complete keys, ascending and distinct. */
  static List<byte[]> keys(TableDescriptor table, List<List<Expr>> keys, Execution execution) {
    List<byte[]> out = new ArrayList<>(keys.size());
    for (List<Expr> key : keys) {
      @Nullable Object[] values = new Object[key.size()];
      boolean findable = true;
      for (int i = 0; i < values.length; i++) {
        values[i] = execution.constant(key.get(i));
        findable &= values[i] != null;
      }
      if (findable) {
        addKey(table, values, out);
      }
    }
    out.sort(Arrays::compareUnsigned);
    List<byte[]> distinct = new ArrayList<>(out.size());
    for (byte[] key : out) {
      if (distinct.isEmpty() || !Arrays.equals(distinct.get(distinct.size() - 1), key)) {
        distinct.add(key);
      }
    }
    return distinct;
  }

  private static void addKey(TableDescriptor table, @Nullable Object[] values, List<byte[]> out) {
    try {
      out.add(TableKey.encode(table.id(), keyTypes(table), values));
    } catch (SheafException e) {
      // No row has a key that is too long to be stored.
      if (e.code() != ErrorCode.PROGRAM_LIMIT_EXCEEDED) {
        throw e;
      }
    }
  }

  /** The moment's whole millisecond counts as past. */
  static @Nullable Timestamp asOf(@Nullable Expr expr, Execution execution) {
    if (expr == null) {
      return null;
    }
    Object micros = execution.constant(expr);
    if (micros == null || (Long) micros < 0) {
      throw new SheafException(
          ErrorCode.INVALID_PARAMETER_VALUE,
          "FOR SYSTEM_TIME AS OF needs a timestamp after 1970, not "
              + (micros == null ? "NULL" : "an earlier one"));
    }
    return Timestamp.endOfMillis(Math.floorDiv((Long) micros, 1000L));
  }

  /** The expression with everything that is constant in this execution as literals. */
  static Expr bound(Expr expr, Execution execution) {
    return switch (expr) {
      case Expr.Literal l -> l;
      case Expr.Column c -> c;
      case Expr.Parameter p -> new Expr.Literal(execution.constant(p), p.type());
      case Expr.Correlated c -> new Expr.Literal(execution.constant(c), c.type());
      case Expr.Call call -> {
        List<Expr> args = call.args().stream().map(a -> bound(a, execution)).toList();
        var rebuilt = new Expr.Call(call.fn(), args, call.type());
        boolean constant =
            !args.isEmpty() && args.stream().allMatch(Expr.Literal.class::isInstance);
        yield constant ? evaluated(rebuilt, execution) : rebuilt;
      }
    };
  }

  private static Expr evaluated(Expr.Call call, Execution execution) {
    try {
      return new Expr.Literal(execution.constant(call), call.type());
    } catch (SheafException leftToTheFilter) {
      return call;
    }
  }
}
