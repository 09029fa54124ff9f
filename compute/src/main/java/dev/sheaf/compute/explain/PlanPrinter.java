package dev.sheaf.compute.explain;

import dev.sheaf.columnar.expression.AggregateFn;
import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.compute.exec.Profile;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.plan.PlanNode.AggregateCall;
import dev.sheaf.compute.plan.PlanNode.HashJoin;
import dev.sheaf.compute.plan.PlanNode.KeyBounds;
import dev.sheaf.compute.plan.PlanNode.SortKey;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.type.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Prints plans, one line per node, inputs indented below. Stateless and thread-safe. */
public final class PlanPrinter {
  private static final double NANOS_PER_MILLI = 1e6;

  private PlanPrinter() {}

  /**
   * @param profile figures of an execution to add to each line, null = none
   */
  public static String print(PlanNode plan, @Nullable Profile profile) {
    var out = new StringBuilder();
    print(plan, profile, 0, out);
    return out.toString();
  }

  private static void print(
      PlanNode node, @Nullable Profile profile, int depth, StringBuilder out) {
    out.repeat("  ", depth).append(describe(node));
    if (profile != null) {
      Profile.Figures figures = profile.of(node);
      out.append(
          " (rows=%d time=%.3f ms read=%d B memory=%d B%s)"
              .formatted(
                  figures.rows.sum(),
                  figures.nanos.sum() / NANOS_PER_MILLI,
                  figures.bytesRead.sum(),
                  figures.memoryBytes.sum(),
                  node instanceof PlanNode.TableScan ? sources(figures) : spilled(figures)));
    }
    out.append('\n');
    for (PlanNode input : node.inputs()) {
      print(input, profile, depth + 1, out);
    }
  }

  private static String sources(Profile.Figures figures) {
    return " segments=%d skipped=%d fresh rows=%d"
        .formatted(figures.segments.sum(), figures.segmentsSkipped.sum(), figures.freshRows.sum());
  }

  private static String spilled(Profile.Figures figures) {
    return figures.spilledBytes.sum() == 0
        ? ""
        : " disk=%d B".formatted(figures.spilledBytes.sum());
  }

  private static String describe(PlanNode node) {
    return switch (node) {
      case PlanNode.TableScan scan ->
          "Scan "
              + scan.table().qualifiedName()
              + names(scan.output())
              + bounds(scan.keyBounds(), scan.table())
              + where(" filter ", scan.filter(), scan.output())
              + asOf(scan.asOf())
              + " ~%.0f rows".formatted(scan.estimatedRows());
      case PlanNode.KeyLookup lookup ->
          "KeyLookup "
              + lookup.table().qualifiedName()
              + names(lookup.output())
              + keys(lookup.keys())
              + where(" filter ", lookup.filter(), lookup.output())
              + asOf(lookup.asOf());
      case PlanNode.SystemScan scan -> "Scan " + scan.name();
      case PlanNode.Values values -> "Values " + values.rows().size() + " rows";
      case PlanNode.Filter filter ->
          "Filter " + ExprPrinter.print(filter.condition(), filter.input().output());
      case PlanNode.Project project ->
          "Project " + list(project.expressions(), project.input().output());
      case HashJoin join -> hashJoin(join);
      case PlanNode.NestedLoopJoin join ->
          "NestedLoopJoin "
              + join.kind()
              + where(" on ", join.condition(), both(join.left(), join.right()));
      case PlanNode.Correlate correlate -> "Correlate " + correlate.kind() + " $" + correlate.id();
      case PlanNode.Aggregate aggregate -> aggregate(aggregate);
      case PlanNode.Window window -> WindowPrinter.print(window);
      case PlanNode.Sort sort -> sort(sort);
      case PlanNode.UnionAll union -> "UnionAll";
      case PlanNode.Recursive recursive ->
          "Recursive " + recursive.name() + (recursive.all() ? " ALL" : "");
      case PlanNode.WorkingTable table -> "WorkingTable " + table.name();
      case PlanNode.SetOperation set -> set.kind() + (set.all() ? " ALL" : "");
      case PlanNode.Insert insert ->
          "Insert "
              + insert.table().qualifiedName()
              + (insert.conflict() == null
                  ? ""
                  : insert.conflict().assignments() == null
                      ? " on conflict do nothing"
                      : " on conflict do update");
      case PlanNode.Update update -> "Update " + update.table().qualifiedName();
      case PlanNode.Delete delete -> "Delete " + delete.table().qualifiedName();
    };
  }

  private static String hashJoin(HashJoin join) {
    var pairs = new ArrayList<String>();
    for (int i = 0; i < join.leftKeys().size(); i++) {
      pairs.add(
          join.left().output().get(join.leftKeys().get(i)).name()
              + (join.nullsAreEqual().get(i) ? " is not distinct from " : " = ")
              + join.right().output().get(join.rightKeys().get(i)).name());
    }
    return "HashJoin "
        + join.kind()
        + " on "
        + String.join(" and ", pairs)
        + where(" and ", join.residual(), both(join.left(), join.right()))
        + (join.buildLeft() ? " build left" : "");
  }

  private static List<Field> both(PlanNode left, PlanNode right) {
    var fields = new ArrayList<>(left.output());
    fields.addAll(right.output());
    return fields;
  }

  private static String aggregate(PlanNode.Aggregate aggregate) {
    List<Field> input = aggregate.input().output();
    List<String> keys = aggregate.groupBy().stream().map(g -> input.get(g).name()).toList();
    String groups =
        aggregate.sets().isEmpty()
            ? String.join(", ", keys)
            : aggregate.sets().stream()
                .map(set -> "(" + picked(set, keys) + ")")
                .collect(Collectors.joining(", "));
    String calls =
        aggregate.aggregates().stream()
            .map(c ->
                c.fn() == AggregateFn.GROUPING
                    ? "grouping(" + picked((List<?>) c.extra(), keys) + ")"
                    : call(c, input))
            .collect(Collectors.joining(", "));
    return "Aggregate"
        + (groups.isEmpty() ? "" : " by " + groups)
        + (calls.isEmpty() ? "" : " " + calls);
  }

  private static String picked(@Nullable List<?> positions, List<String> names) {
    return positions == null
        ? ""
        : positions.stream().map(p -> names.get((Integer) p)).collect(Collectors.joining(", "));
  }

  static String call(AggregateCall call, List<Field> input) {
    String argument =
        call.argument() < 0
            ? "*"
            : Stream.concat(Stream.of(call.argument()), call.more().stream())
                .map(c -> input.get(c).name())
                .collect(Collectors.joining(", "));
    String order =
        call.order().isEmpty()
            ? ""
            : call.order().stream()
                .map(k -> key(k, input))
                .collect(Collectors.joining(", ", " order by ", ""));
    String function =
        call.fn() == AggregateFn.COUNT_STAR ? "count" : call.fn().name().toLowerCase(Locale.ROOT);
    return function
        + "("
        + (call.distinct() ? "distinct " : "")
        + argument
        + order
        + ")"
        + (call.filter() < 0 ? "" : " filter " + input.get(call.filter()).name());
  }

  private static String sort(PlanNode.Sort sort) {
    List<Field> input = sort.input().output();
    String keys = sort.keys().stream().map(k -> key(k, input)).collect(Collectors.joining(", "));
    String name = sort.keys().isEmpty() ? "Limit" : sort.fetch() == null ? "Sort" : "TopN";
    return name
        + (keys.isEmpty() ? "" : " by " + keys)
        + where(" limit ", sort.fetch(), input)
        + where(" offset ", sort.offset(), input);
  }

  static String key(SortKey key, List<Field> input) {
    boolean usual = key.nullsFirst() == key.descending();
    return input.get(key.column()).name()
        + (key.descending() ? " desc" : "")
        + (usual ? "" : key.nullsFirst() ? " nulls first" : " nulls last");
  }

  private static String names(List<Field> fields) {
    return fields.stream().map(Field::name).collect(Collectors.joining(", ", " (", ")"));
  }

  private static String list(List<Expr> expressions, List<Field> input) {
    return expressions.stream()
        .map(e -> ExprPrinter.print(e, input))
        .collect(Collectors.joining(", "));
  }

  private static String where(String intro, @Nullable Expr condition, List<Field> input) {
    return condition == null ? "" : intro + ExprPrinter.print(condition, input);
  }

  private static String asOf(@Nullable Expr asOf) {
    return where(" as of ", asOf, List.of());
  }

  private static String keys(List<List<Expr>> keys) {
    return keys.size() == 1
        ? " key (" + list(keys.getFirst(), List.of()) + ")"
        : " " + keys.size() + " keys";
  }

  private static String bounds(KeyBounds bounds, TableDescriptor table) {
    if (bounds.equals(KeyBounds.ALL)) {
      return "";
    }
    var parts = new ArrayList<String>();
    for (int i = 0; i < bounds.equal().size(); i++) {
      parts.add(keyName(table, i) + " = " + ExprPrinter.print(bounds.equal().get(i), List.of()));
    }
    String next =
        bounds.lower() == null && bounds.upper() == null
            ? ""
            : keyName(table, bounds.equal().size());
    if (bounds.lower() != null) {
      parts.add(
          next
              + (bounds.lowerInclusive() ? " >= " : " > ")
              + ExprPrinter.print(bounds.lower(), List.of()));
    }
    if (bounds.upper() != null) {
      parts.add(
          next
              + (bounds.upperInclusive() ? " <= " : " < ")
              + ExprPrinter.print(bounds.upper(), List.of()));
    }
    return " key range " + String.join(" and ", parts);
  }

  private static String keyName(TableDescriptor table, int position) {
    return table.columns().get(table.ordinalOf(table.primaryKey().get(position))).name();
  }
}
