package dev.sheaf.compute.sql.analyze;

import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.compute.sql.Position;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.SqlType;
import dev.sheaf.protocol.type.SqlType.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexDynamicParam;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexSubQuery;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.jspecify.annotations.Nullable;

/**
 * Builds typed expressions. A node whose type is NULL is unknown: an untyped string, NULL or
 * parameter that takes the type its context wants.
 */
public final class Scalars {
  /** Calcite's own operators where its rewriting must understand them. */
  private static final Map<Fn, SqlOperator> STANDARD =
      Map.ofEntries(
          Map.entry(Fn.AND, SqlStdOperatorTable.AND),
          Map.entry(Fn.OR, SqlStdOperatorTable.OR),
          Map.entry(Fn.NOT, SqlStdOperatorTable.NOT),
          Map.entry(Fn.IS_NULL, SqlStdOperatorTable.IS_NULL),
          Map.entry(Fn.IS_NOT_NULL, SqlStdOperatorTable.IS_NOT_NULL),
          Map.entry(Fn.IS_TRUE, SqlStdOperatorTable.IS_TRUE),
          Map.entry(Fn.IS_NOT_TRUE, SqlStdOperatorTable.IS_NOT_TRUE),
          Map.entry(Fn.IS_FALSE, SqlStdOperatorTable.IS_FALSE),
          Map.entry(Fn.IS_NOT_FALSE, SqlStdOperatorTable.IS_NOT_FALSE),
          Map.entry(Fn.EQ, SqlStdOperatorTable.EQUALS),
          Map.entry(Fn.NE, SqlStdOperatorTable.NOT_EQUALS),
          Map.entry(Fn.LT, SqlStdOperatorTable.LESS_THAN),
          Map.entry(Fn.LE, SqlStdOperatorTable.LESS_THAN_OR_EQUAL),
          Map.entry(Fn.GT, SqlStdOperatorTable.GREATER_THAN),
          Map.entry(Fn.GE, SqlStdOperatorTable.GREATER_THAN_OR_EQUAL),
          Map.entry(Fn.IS_DISTINCT_FROM, SqlStdOperatorTable.IS_DISTINCT_FROM),
          Map.entry(Fn.IS_NOT_DISTINCT_FROM, SqlStdOperatorTable.IS_NOT_DISTINCT_FROM),
          Map.entry(Fn.CASE, SqlStdOperatorTable.CASE));

  private final RexBuilder rex;
  private final Parameters parameters;

  public Scalars(RexBuilder rex, Parameters parameters) {
    this.rex = rex;
    this.parameters = parameters;
  }

  RexBuilder rex() {
    return rex;
  }

  Parameters parameters() {
    return parameters;
  }

  /** The type; NULL if unknown. */
  public static SqlType typeOf(RexNode node) {
    @Nullable ConstantOperator constant = ConstantOperator.in(node);
    return constant != null && constant.isUnknown()
        ? SqlType.NULL
        : CalciteTypes.of(node.getType());
  }

  static boolean isUnknown(RexNode node) {
    return typeOf(node).kind() == Kind.NULL;
  }

  public RexNode constant(Object value, SqlType type) {
    if (type.kind() == Kind.BOOLEAN) {
      return rex.makeLiteral((Boolean) value);
    }
    return constant(new ConstantOperator(value, type, null));
  }

  RexNode text(String value) {
    return constant(value.getBytes(StandardCharsets.UTF_8), SqlType.TEXT);
  }

  RexNode unknownString(String value, Position position) {
    return constant(
        new ConstantOperator(value.getBytes(StandardCharsets.UTF_8), SqlType.TEXT, position));
  }

  private RexNode constant(ConstantOperator operator) {
    return rex.makeCall(CalciteTypes.of(operator.type(), false), operator, List.of());
  }

  RexNode nullOf(SqlType type) {
    return rex.makeNullLiteral(CalciteTypes.of(type, true));
  }

  RexNode parameter(int index) {
    @Nullable SqlType type = parameters.type(index);
    return new RexDynamicParam(CalciteTypes.of(type == null ? SqlType.NULL : type, true), index);
  }

  static RexInputRef column(RelDataType row, int index) {
    return new RexInputRef(index, row.getFieldList().get(index).getType());
  }

  /** A call; NULL in gives NULL out if the function is strict, else as the arguments may be. */
  RexNode call(Fn fn, SqlType type, RexNode... args) {
    return call(fn, type, List.of(args));
  }

  RexNode call(Fn fn, SqlType type, List<RexNode> args) {
    return call(
        fn, type, FnOperator.givesNull(fn, args.stream().map(RexNode::getType).toList()), args);
  }

  RexNode call(Fn fn, SqlType type, boolean nullable, List<RexNode> args) {
    @Nullable SqlOperator standard = STANDARD.get(fn);
    SqlOperator operator = standard == null ? new FnOperator(fn, type) : standard;
    return rex.makeCall(CalciteTypes.of(type, nullable), operator, args);
  }

  RexNode and(List<RexNode> conditions) {
    return junction(Fn.AND, conditions, true);
  }

  RexNode or(List<RexNode> conditions) {
    return junction(Fn.OR, conditions, false);
  }

  /** Flat: Calcite wants no AND directly inside an AND. */
  private RexNode junction(Fn fn, List<RexNode> conditions, boolean empty) {
    var flat = new ArrayList<RexNode>(conditions.size());
    for (RexNode condition : conditions) {
      if (condition.isA(fn == Fn.AND ? SqlKind.AND : SqlKind.OR)) {
        flat.addAll(((RexCall) condition).getOperands());
      } else {
        flat.add(condition);
      }
    }
    return switch (flat.size()) {
      case 0 -> rex.makeLiteral(empty);
      case 1 -> flat.getFirst();
      default -> call(fn, SqlType.BOOLEAN, flat);
    };
  }

  RexNode not(RexNode condition) {
    if (hidesSubquery(condition)) {
      // Calcite would take "unknown" for true in the subquery, however deep below it stands.
      return rex.makeCall(
          condition.getType(), new FnOperator(Fn.NOT, SqlType.BOOLEAN), List.of(condition));
    }
    return call(Fn.NOT, SqlType.BOOLEAN, condition);
  }

  /** Whether a subquery is an argument of anything but AND, OR and NOT. */
  private static boolean hidesSubquery(RexNode node) {
    if (!(node instanceof RexCall call) || node instanceof RexSubQuery) {
      return false;
    }
    return switch (call.getKind()) {
      case AND, OR, NOT -> call.getOperands().stream().anyMatch(Scalars::hidesSubquery);
      default -> RexUtil.SubQueryFinder.find(call) != null;
    };
  }

  /** IS NULL and the other tests, which are never NULL. */
  RexNode test(Fn fn, RexNode operand) {
    return call(fn, SqlType.BOOLEAN, false, List.of(operand));
  }

  /**
   * The value as the type. The caller has made sure that the cast is allowed where it stands.
   *
   * @throws SheafException with the position, when a constant is no value of the type
   */
  RexNode cast(RexNode node, SqlType to, Position position) {
    return cast(node, to, Fn.CAST, position);
  }

  RexNode cast(RexNode node, SqlType to, Fn fn, Position position) {
    if (node instanceof RexDynamicParam parameter && isUnknown(node)) {
      SqlType fixed = parameters.fix(parameter.getIndex(), withoutLength(to));
      return cast(
          new RexDynamicParam(CalciteTypes.of(fixed, true), parameter.getIndex()),
          to,
          fn,
          position);
    }
    if (node instanceof RexLiteral literal && literal.isNull()) {
      return nullOf(to);
    }
    @Nullable ConstantOperator constant = ConstantOperator.in(node);
    if (constant != null) {
      @Nullable Object value = ConstantFolding.cast(constant, to);
      if (value != null) {
        return constant(value, to);
      }
    }
    SqlType from = CalciteTypes.of(node.getType());
    if (from.equals(to) || (from.isText() && to.equals(SqlType.TEXT) && from.kind() == to.kind())) {
      return node;
    }
    return rex.makeCall(
        CalciteTypes.of(to, node.getType().isNullable()), new FnOperator(fn, to), List.of(node));
  }

  /** A parameter compared with a VARCHAR(10) may well be longer. */
  private static SqlType withoutLength(SqlType type) {
    return type.isText() ? SqlType.TEXT : type;
  }

  /** Unknown nodes become text, as PostgreSQL does where nothing tells. */
  RexNode known(RexNode node, Position position) {
    return isUnknown(node) ? cast(node, SqlType.TEXT, position) : node;
  }

  /** The implicit cast; 42804 if there is none. */
  RexNode implicit(RexNode node, SqlType to, String what, Position position) {
    SqlType from = typeOf(node);
    if (!Coercion.isImplicit(from, to)) {
      throw position.error(
          ErrorCode.DATATYPE_MISMATCH, what + " must be type " + to + ", not type " + from);
    }
    return cast(node, to, position);
  }

  /** Casts all nodes to what they have in common; 42804 naming the construct if nothing. */
  List<RexNode> unify(List<RexNode> nodes, String construct, Position position) {
    SqlType common = SqlType.NULL;
    for (RexNode node : nodes) {
      SqlType type = typeOf(node);
      @Nullable SqlType both = Coercion.common(common, type);
      if (both == null) {
        throw position.error(
            ErrorCode.DATATYPE_MISMATCH,
            construct + " types " + common + " and " + type + " cannot be matched");
      }
      common = both;
    }
    SqlType target = common.kind() == Kind.NULL ? SqlType.TEXT : common;
    var cast = new ArrayList<RexNode>(nodes.size());
    for (RexNode node : nodes) {
      cast.add(cast(node, target, position));
    }
    return cast;
  }
}
