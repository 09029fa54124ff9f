package dev.sheaf.compute.plan;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.compute.plan.PlanNode.KeyBounds;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.type.SqlType.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a filter says about a table's primary key. Conditions are over all columns of the table. */
final class KeyAccess {
  /** Keys of one look-up; longer lists are scanned with a filter. */
  private static final int MAX_KEYS = 1_000;

  /**
   * Complete keys and what remains to be tested.
   *
   * @param residual null = nothing
   */
  record Lookup(List<List<Expr>> keys, @Nullable Expr residual) {}

  private final TableDescriptor table;
  private final List<Expr> conjuncts;

  KeyAccess(TableDescriptor table, @Nullable Expr filter) {
    this.table = table;
    this.conjuncts = Exprs.conjuncts(filter);
  }

  /** The keys, if equalities and IN lists fix the whole primary key. */
  Optional<Lookup> lookup() {
    if (table.primaryKey().isEmpty()) {
      return Optional.empty();
    }
    List<List<Expr>> keys = List.of(List.of());
    var used = new ArrayList<Expr>();
    for (int id : table.primaryKey()) {
      int ordinal = table.ordinalOf(id);
      @Nullable Expr conjunct = null;
      @Nullable List<Expr> values = null;
      for (Expr candidate : conjuncts) {
        @Nullable List<Expr> found = values(candidate, ordinal);
        if (found != null && (values == null || found.size() < values.size())) {
          conjunct = candidate;
          values = found;
        }
      }
      if (values == null || conjunct == null || (long) keys.size() * values.size() > MAX_KEYS) {
        return Optional.empty();
      }
      used.add(conjunct);
      keys = product(keys, values);
    }
    var rest = new ArrayList<>(conjuncts);
    rest.removeAll(used);
    return Optional.of(new Lookup(keys, Exprs.and(rest)));
  }

  private static List<List<Expr>> product(List<List<Expr>> keys, List<Expr> values) {
    var longer = new ArrayList<List<Expr>>();
    for (List<Expr> key : keys) {
      for (Expr value : values) {
        var extended = new ArrayList<>(key);
        extended.add(value);
        longer.add(extended);
      }
    }
    return longer;
  }

  /** The values to which the conjunct restricts the column; null if it does not. */
  private @Nullable List<Expr> values(Expr conjunct, int ordinal) {
    if (!(conjunct instanceof Expr.Call call) || !isKeyable(ordinal)) {
      return null;
    }
    return switch (call.fn()) {
      case EQ -> {
        @Nullable Expr value = other(call, ordinal);
        yield value == null ? null : List.of(value);
      }
      case IN ->
          isColumn(call.args().getFirst(), ordinal)
              ? call.args().subList(1, call.args().size())
              : null;
      case OR -> alternatives(call, ordinal);
      default -> null;
    };
  }

  private @Nullable List<Expr> alternatives(Expr.Call or, int ordinal) {
    var all = new ArrayList<Expr>();
    for (Expr alternative : or.args()) {
      @Nullable List<Expr> values = values(alternative, ordinal);
      if (values == null) {
        return null;
      }
      all.addAll(values);
    }
    return all;
  }

  /** -0 equals 0 but is another key. */
  private boolean isKeyable(int ordinal) {
    Kind kind = table.columns().get(ordinal).type().kind();
    return kind != Kind.DOUBLE && kind != Kind.REAL;
  }

  private static boolean isColumn(Expr expr, int ordinal) {
    return expr instanceof Expr.Column column && column.index() == ordinal;
  }

  /** The constant that a comparison compares the column with, null if it is no such comparison. */
  private static @Nullable Expr other(Expr.Call comparison, int ordinal) {
    Expr left = comparison.args().get(0);
    Expr right = comparison.args().get(1);
    if (isColumn(left, ordinal) && Exprs.isConstant(right)) {
      return right;
    }
    return isColumn(right, ordinal) && Exprs.isConstant(left) ? left : null;
  }

  /** The key range: equalities on leading columns, then bounds on the next. */
  KeyBounds bounds() {
    var equal = new ArrayList<Expr>();
    for (int id : table.primaryKey()) {
      int ordinal = table.ordinalOf(id);
      @Nullable Expr value = isKeyable(ordinal) ? single(ordinal) : null;
      if (value == null) {
        return range(equal, table.columns().get(ordinal), ordinal);
      }
      equal.add(value);
    }
    return new KeyBounds(equal, null, true, null, true);
  }

  private @Nullable Expr single(int ordinal) {
    for (Expr conjunct : conjuncts) {
      @Nullable List<Expr> values = values(conjunct, ordinal);
      if (values != null && values.size() == 1) {
        return values.getFirst();
      }
    }
    return null;
  }

  private KeyBounds range(List<Expr> equal, ColumnDescriptor column, int ordinal) {
    @Nullable Expr lower = null;
    @Nullable Expr upper = null;
    boolean lowerInclusive = true;
    boolean upperInclusive = true;
    for (Expr conjunct : conjuncts) {
      if (!(conjunct instanceof Expr.Call call) || !isKeyable(ordinal) || call.args().size() != 2) {
        continue;
      }
      @Nullable Expr value = other(call, ordinal);
      if (value == null || value.type().kind() != column.type().kind()) {
        continue;
      }
      boolean flipped = !isColumn(call.args().get(0), ordinal);
      Fn fn = flipped ? flipped(call.fn()) : call.fn();
      if (lower == null && (fn == Fn.GT || fn == Fn.GE)) {
        lower = value;
        lowerInclusive = fn == Fn.GE;
      } else if (upper == null && (fn == Fn.LT || fn == Fn.LE)) {
        upper = value;
        upperInclusive = fn == Fn.LE;
      }
    }
    return equal.isEmpty() && lower == null && upper == null
        ? KeyBounds.ALL
        : new KeyBounds(equal, lower, lowerInclusive, upper, upperInclusive);
  }

  private static Fn flipped(Fn fn) {
    return switch (fn) {
      case LT -> Fn.GT;
      case LE -> Fn.GE;
      case GT -> Fn.LT;
      case GE -> Fn.LE;
      default -> fn;
    };
  }
}
