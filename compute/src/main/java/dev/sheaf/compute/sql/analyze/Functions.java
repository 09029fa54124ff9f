package dev.sheaf.compute.sql.analyze;

import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.compute.sql.Position;
import dev.sheaf.compute.sql.SqlExpression.Binary;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.SqlType;
import dev.sheaf.protocol.type.SqlType.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.calcite.rex.RexNode;
import org.jspecify.annotations.Nullable;

/** Resolves calls of scalar functions. */
final class Functions {
  private static final Set<String> VARIADIC =
      Set.of("coalesce", "greatest", "least", "nullif", "concat", "mod", "strpos");

  private static final Set<String> FIELDS =
      Set.of(
          "YEAR",
          "MONTH",
          "DAY",
          "HOUR",
          "MINUTE",
          "SECOND",
          "QUARTER",
          "WEEK",
          "DOW",
          "DOY",
          "EPOCH",
          "MILLISECOND",
          "MICROSECOND",
          "DECADE",
          "CENTURY",
          "MILLENNIUM",
          "ISODOW",
          "ISOYEAR");

  private final Scalars scalars;

  Functions(Scalars scalars) {
    this.scalars = scalars;
  }

  RexNode call(String name, List<RexNode> args, Position position) {
    return switch (name) {
      case "coalesce" -> variadic(Fn.COALESCE, name, args, position);
      case "greatest" -> variadic(Fn.GREATEST, name, args, position);
      case "least" -> variadic(Fn.LEAST, name, args, position);
      case "nullif" -> nullif(args, position);
      case "concat" -> concat(args, position);
      case "mod" -> {
        if (args.size() != 2) {
          throw missing(name, args, position);
        }
        yield new Arithmetic(scalars).binary(Binary.MODULO, args.get(0), args.get(1), position);
      }
      case "strpos" -> {
        if (args.size() != 2) {
          throw missing(name, args, position);
        }
        yield scalars.call(
            Fn.POSITION,
            SqlType.INTEGER,
            scalars.implicit(args.get(1), SqlType.TEXT, "argument of position", position),
            scalars.implicit(args.get(0), SqlType.TEXT, "argument of position", position));
      }
      default -> overloaded(name, args, position);
    };
  }

  /** Whether there is a scalar function of that name. */
  static boolean exists(String name) {
    return VARIADIC.contains(name) || !ScalarFunctions.named(name).isEmpty();
  }

  private RexNode overloaded(String name, List<RexNode> given, Position position) {
    List<Signature> overloads = ScalarFunctions.named(name);
    List<RexNode> args = padded(name, given, overloads);
    List<SqlType> types = args.stream().map(Scalars::typeOf).toList();
    @Nullable Signature best = null;
    @Nullable List<SqlType> casts = null;
    for (Signature candidate : overloads) {
      @Nullable List<SqlType> match = candidate.match(types);
      if (match != null && (best == null || candidate.exactness(types) > best.exactness(types))) {
        best = candidate;
        casts = match;
      }
    }
    if (best == null || casts == null) {
      throw missing(name, given, position);
    }
    var cast = new ArrayList<RexNode>();
    for (int i = 0; i < args.size(); i++) {
      cast.add(scalars.cast(args.get(i), casts.get(i), position));
    }
    if (best.fn() == Fn.EXTRACT || best.fn() == Fn.DATE_TRUNC) {
      cast.set(0, field(cast.getFirst(), position));
    }
    return scalars.call(best.fn(), resultType(best, casts, cast), cast);
  }

  /** ROUND and TRUNCATE to a literal number of digits have that scale. */
  private static SqlType resultType(Signature chosen, List<SqlType> casts, List<RexNode> args) {
    SqlType type = chosen.result().apply(casts);
    if (args.size() == 2 && type.kind() == Kind.DECIMAL) {
      @Nullable ConstantOperator digits = ConstantOperator.in(args.get(1));
      if (digits != null) {
        int scale = Math.clamp((Integer) digits.value(), 0, type.scale());
        return Coercion.bounded(type.precision() - type.scale() + 1 + scale, scale);
      }
    }
    return type;
  }

  private List<RexNode> padded(String name, List<RexNode> args, List<Signature> overloads) {
    @Nullable String padding = ScalarFunctions.padding(name);
    if (padding == null || overloads.getFirst().accepts().size() != args.size() + 1) {
      return args;
    }
    var padded = new ArrayList<>(args);
    padded.add(scalars.text(padding));
    return padded;
  }

  private RexNode field(RexNode name, Position position) {
    @Nullable ConstantOperator constant = ConstantOperator.in(name);
    if (constant == null) {
      throw position.unsupported("a field name that is not a literal");
    }
    String field =
        new String((byte[]) constant.value(), StandardCharsets.UTF_8).toUpperCase(Locale.ROOT);
    String singular =
        switch (field) {
          case "MILLISECONDS" -> "MILLISECOND";
          case "MICROSECONDS" -> "MICROSECOND";
          default -> field;
        };
    if (!FIELDS.contains(singular)) {
      throw position.error(
          ErrorCode.INVALID_PARAMETER_VALUE,
          "unit \"" + field.toLowerCase(Locale.ROOT) + "\" not recognized");
    }
    return scalars.text(singular);
  }

  private RexNode variadic(Fn fn, String name, List<RexNode> args, Position position) {
    if (args.isEmpty()) {
      throw missing(name, args, position);
    }
    List<RexNode> unified = scalars.unify(args, name.toUpperCase(Locale.ROOT), position);
    return scalars.call(fn, Scalars.typeOf(unified.getFirst()), unified);
  }

  private RexNode nullif(List<RexNode> args, Position position) {
    if (args.size() != 2) {
      throw missing("nullif", args, position);
    }
    List<RexNode> both = new Operators(scalars).comparable(args, "=", position);
    return scalars.call(Fn.NULLIF, Scalars.typeOf(both.getFirst()), both);
  }

  /** NULL arguments count as empty. */
  private RexNode concat(List<RexNode> args, Position position) {
    if (args.isEmpty()) {
      throw missing("concat", args, position);
    }
    RexNode empty = scalars.text("");
    @Nullable RexNode joined = null;
    for (RexNode arg : args) {
      RexNode text = scalars.cast(arg, SqlType.TEXT, position);
      RexNode part =
          text.getType().isNullable()
              ? scalars.call(Fn.COALESCE, SqlType.TEXT, List.of(text, empty))
              : text;
      joined = joined == null ? part : scalars.call(Fn.CONCAT, SqlType.TEXT, joined, part);
    }
    return joined == null ? empty : joined;
  }

  static SheafException missing(String name, List<RexNode> args, Position position) {
    String types =
        args.stream().map(a -> Operators.name(Scalars.typeOf(a))).collect(Collectors.joining(", "));
    SheafException error =
        position.error(
            ErrorCode.UNDEFINED_FUNCTION, "function " + name + "(" + types + ") does not exist");
    var names = new TreeSet<String>(ScalarFunctions.names());
    names.addAll(Aggregates.names());
    names.addAll(WindowFunctions.names());
    names.addAll(VARIADIC);
    if (names.contains(name)) {
      return error.withHint("No function of that name takes these argument types.");
    }
    return Suggestions.nearest(name, names)
        .map(s -> error.withHint("Did you mean \"" + s + "\"?"))
        .orElse(error);
  }
}
