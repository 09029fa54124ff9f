package dev.sheaf.compute.plan;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.compute.plan.PlanNode.Aggregate;
import dev.sheaf.compute.plan.PlanNode.AggregateCall;
import dev.sheaf.compute.plan.PlanNode.Correlate;
import dev.sheaf.compute.plan.PlanNode.Delete;
import dev.sheaf.compute.plan.PlanNode.Filter;
import dev.sheaf.compute.plan.PlanNode.HashJoin;
import dev.sheaf.compute.plan.PlanNode.Insert;
import dev.sheaf.compute.plan.PlanNode.JoinKind;
import dev.sheaf.compute.plan.PlanNode.KeyLookup;
import dev.sheaf.compute.plan.PlanNode.NestedLoopJoin;
import dev.sheaf.compute.plan.PlanNode.Project;
import dev.sheaf.compute.plan.PlanNode.SetOperation;
import dev.sheaf.compute.plan.PlanNode.Sort;
import dev.sheaf.compute.plan.PlanNode.SortKey;
import dev.sheaf.compute.plan.PlanNode.SystemScan;
import dev.sheaf.compute.plan.PlanNode.TableScan;
import dev.sheaf.compute.plan.PlanNode.UnionAll;
import dev.sheaf.compute.plan.PlanNode.Update;
import dev.sheaf.compute.plan.PlanNode.Values;
import dev.sheaf.compute.plan.PlanNode.Window;
import dev.sheaf.compute.plan.PlanNode.WindowCall;
import dev.sheaf.compute.plan.PlanNode.WindowCalls;
import dev.sheaf.protocol.type.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Drops columns that nobody reads, from the top down, so that scans read only what is needed. A
 * node may keep more than was asked for; the mapping says where each kept column went.
 */
final class ColumnPruner {
  /**
   * @param to new position of each old column, -1 = dropped
   */
  private record Pruned(PlanNode node, int[] to) {
    Expr map(Expr expr) {
      return Exprs.mapped(expr, i -> to[i]);
    }

    @Nullable Expr mapNullable(@Nullable Expr expr) {
      return expr == null ? null : map(expr);
    }
  }

  private ColumnPruner() {}

  /** The plan with the same output columns. */
  static PlanNode prune(PlanNode root) {
    return exact(root);
  }

  private static BitSet all(PlanNode node) {
    var all = new BitSet();
    all.set(0, node.output().size());
    return all;
  }

  /** Prunes below a node whose columns must all stay where they are. */
  private static PlanNode exact(PlanNode node) {
    return prune(node, all(node)).node;
  }

  private static int[] identity(int n) {
    return IntStream.range(0, n).toArray();
  }

  /** Positions after keeping the wanted columns in order. */
  private static int[] kept(int n, BitSet wanted) {
    int[] to = new int[n];
    Arrays.fill(to, -1);
    int next = 0;
    for (int i = wanted.nextSetBit(0); i >= 0; i = wanted.nextSetBit(i + 1)) {
      to[i] = next++;
    }
    return to;
  }

  private static <T> List<T> pick(List<T> all, BitSet wanted) {
    return wanted.stream().mapToObj(all::get).toList();
  }

  private static Pruned prune(PlanNode node, BitSet wanted) {
    return switch (node) {
      case TableScan scan -> scan(scan, wanted);
      case KeyLookup lookup -> lookup(lookup, wanted);
      case SystemScan scan -> new Pruned(scan, identity(scan.output().size()));
      case Values values -> values(values, wanted);
      case Filter filter -> filter(filter, wanted);
      case Project project -> project(project, wanted);
      case HashJoin join -> hashJoin(join, wanted);
      case NestedLoopJoin join -> nestedLoop(join, wanted);
      case Correlate correlate -> correlate(correlate, wanted);
      case Aggregate aggregate -> aggregate(aggregate, wanted);
      case Window window -> window(window, wanted);
      case Sort sort -> sort(sort, wanted);
      case UnionAll union -> union(union, wanted);
      case PlanNode.WorkingTable table -> same(table);
      case PlanNode.Recursive r ->
          same(
              new PlanNode.Recursive(
                  r.id(), r.name(), r.all(), exact(r.first()), exact(r.step()), r.output()));
      case SetOperation set ->
          same(
              new SetOperation(
                  set.kind(), set.all(), exact(set.left()), exact(set.right()), set.output()));
      case Insert i ->
          same(
              new Insert(
                  i.table(),
                  exact(i.input()),
                  i.conflict(),
                  i.checks(),
                  i.returning(),
                  i.output()));
      case Update u ->
          same(new Update(u.table(), exact(u.input()), u.checks(), u.returning(), u.output()));
      case Delete d -> same(new Delete(d.table(), exact(d.input()), d.returning(), d.output()));
    };
  }

  private static Pruned same(PlanNode node) {
    return new Pruned(node, identity(node.output().size()));
  }

  /** At least one column stays: a batch without columns is hard to tell from nothing. */
  private static BitSet orOne(BitSet wanted) {
    var some = (BitSet) wanted.clone();
    if (some.isEmpty()) {
      some.set(0);
    }
    return some;
  }

  private static Pruned scan(TableScan scan, BitSet wanted) {
    var needed = (BitSet) wanted.clone();
    Exprs.columns(scan.filter(), needed);
    int stored = scan.columns().size();
    boolean withKey = scan.withKey() && needed.get(stored);
    if (needed.isEmpty()) {
      needed.set(cheapest(scan));
    }
    int[] to = kept(scan.output().size(), needed);
    var columns = needed.get(0, stored);
    @Nullable Expr filter = scan.filter() == null ? null : Exprs.mapped(scan.filter(), i -> to[i]);
    return new Pruned(
        new TableScan(
            scan.table(),
            pick(scan.columns(), columns),
            withKey,
            filter,
            scan.keyBounds(),
            scan.asOf(),
            scan.estimatedRows(),
            pick(scan.output(), needed)),
        to);
  }

  /** For COUNT(*): the first key column, which is always there and seldom wide. */
  private static int cheapest(TableScan scan) {
    return scan.table().primaryKey().isEmpty()
        ? 0
        : Math.max(
            0,
            scan.columns().indexOf(scan.table().ordinalOf(scan.table().primaryKey().getFirst())));
  }

  private static Pruned lookup(KeyLookup lookup, BitSet wanted) {
    BitSet needed = orOne(wanted);
    Exprs.columns(lookup.filter(), needed);
    int stored = lookup.columns().size();
    int[] to = kept(lookup.output().size(), needed);
    @Nullable Expr filter =
        lookup.filter() == null ? null : Exprs.mapped(lookup.filter(), i -> to[i]);
    return new Pruned(
        new KeyLookup(
            lookup.table(),
            pick(lookup.columns(), needed.get(0, stored)),
            lookup.withKey() && needed.get(stored),
            lookup.keys(),
            filter,
            lookup.asOf(),
            pick(lookup.output(), needed)),
        to);
  }

  private static Pruned values(Values values, BitSet wanted) {
    BitSet needed = values.output().isEmpty() ? wanted : orOne(wanted);
    return new Pruned(
        new Values(
            values.rows().stream().map(r -> pick(r, needed)).toList(),
            pick(values.output(), needed)),
        kept(values.output().size(), needed));
  }

  private static Pruned filter(Filter filter, BitSet wanted) {
    var needed = (BitSet) wanted.clone();
    Exprs.columns(filter.condition(), needed);
    Pruned input = prune(filter.input(), orOne(needed));
    return new Pruned(new Filter(input.node, input.map(filter.condition())), input.to);
  }

  private static Pruned project(Project project, BitSet wanted) {
    BitSet kept = orOne(wanted);
    var needed = new BitSet();
    List<Expr> expressions = pick(project.expressions(), kept);
    expressions.forEach(e -> Exprs.columns(e, needed));
    Pruned input = prune(project.input(), needed);
    List<Expr> mapped = expressions.stream().map(input::map).toList();
    List<Field> output = pick(project.output(), kept);
    int[] to = kept(project.output().size(), kept);
    boolean trivial =
        mapped.size() == input.node.output().size()
            && IntStream.range(0, mapped.size())
                .allMatch(i -> mapped.get(i) instanceof Expr.Column c && c.index() == i);
    return new Pruned(trivial ? input.node : new Project(input.node, mapped, output), to);
  }

  private static Pruned hashJoin(HashJoin join, BitSet wanted) {
    int leftWidth = join.left().output().size();
    var needed = (BitSet) wanted.clone();
    Exprs.columns(join.residual(), needed);
    join.leftKeys().forEach(needed::set);
    join.rightKeys().forEach(k -> needed.set(leftWidth + k));
    Sides sides = sides(join.left(), join.right(), needed, join.kind(), join.output());
    return new Pruned(
        new HashJoin(
            join.kind(),
            sides.left.node,
            sides.right.node,
            join.leftKeys().stream().map(k -> sides.left.to[k]).toList(),
            join.rightKeys().stream().map(k -> sides.right.to[k]).toList(),
            join.nullsAreEqual(),
            sides.condition(join.residual()),
            sides.output,
            join.buildLeft()),
        sides.to());
  }

  private static Pruned nestedLoop(NestedLoopJoin join, BitSet wanted) {
    var needed = (BitSet) wanted.clone();
    Exprs.columns(join.condition(), needed);
    Sides sides = sides(join.left(), join.right(), needed, join.kind(), join.output());
    return new Pruned(
        new NestedLoopJoin(
            join.kind(),
            sides.left.node,
            sides.right.node,
            sides.condition(join.condition()),
            sides.output),
        sides.to());
  }

  /** Both inputs of a join, pruned. */
  private record Sides(Pruned left, Pruned right, List<Field> output, boolean leftOnly) {
    int[] both() {
      int leftWidth = left.node.output().size();
      return IntStream.concat(
              Arrays.stream(left.to), Arrays.stream(right.to).map(i -> i < 0 ? i : i + leftWidth))
          .toArray();
    }

    int[] to() {
      return leftOnly ? left.to : both();
    }

    @Nullable Expr condition(@Nullable Expr expr) {
      int[] to = both();
      return expr == null ? null : Exprs.mapped(expr, i -> to[i]);
    }
  }

  private static Sides sides(
      PlanNode left, PlanNode right, BitSet needed, JoinKind kind, List<Field> output) {
    int leftWidth = left.output().size();
    Pruned a = prune(left, orOne(needed.get(0, leftWidth)));
    Pruned b = prune(right, orOne(needed.get(leftWidth, leftWidth + right.output().size())));
    boolean leftOnly = kind == JoinKind.SEMI || kind == JoinKind.ANTI;
    var fields = new ArrayList<Field>();
    addFields(a, 0, output, fields);
    if (!leftOnly) {
      addFields(b, leftWidth, output, fields);
    }
    return new Sides(a, b, List.copyOf(fields), leftOnly);
  }

  /** The join's fields of the columns that an input kept, in their new order. */
  private static void addFields(Pruned side, int offset, List<Field> output, List<Field> fields) {
    Field[] inOrder = new Field[side.node.output().size()];
    for (int i = 0; i < side.to.length; i++) {
      if (side.to[i] >= 0) {
        inOrder[side.to[i]] = output.get(offset + i);
      }
    }
    fields.addAll(Arrays.asList(inOrder));
  }

  /** The left row is seen by the right side by position: it stays as it is. */
  private static Pruned correlate(Correlate c, BitSet wanted) {
    PlanNode left = exact(c.left());
    PlanNode right = exact(c.right());
    return same(new Correlate(c.id(), c.kind(), left, right, c.output()));
  }

  private static Pruned aggregate(Aggregate node, BitSet wanted) {
    int groups = node.groupBy().size();
    var kept = (BitSet) wanted.clone();
    kept.set(0, groups);
    if (groups == 0) {
      kept = orOne(kept);
    }
    List<AggregateCall> calls = pick(node.aggregates(), kept.get(groups, node.output().size()));
    var needed = new BitSet();
    node.groupBy().forEach(needed::set);
    calls.forEach(c -> read(c, needed));
    Pruned input = prune(node.input(), orOne(needed));
    List<AggregateCall> mapped = calls.stream().map(c -> mapped(c, input.to)).toList();
    return new Pruned(
        new Aggregate(
            input.node,
            node.groupBy().stream().map(g -> input.to[g]).toList(),
            node.sets(),
            mapped,
            pick(node.output(), kept)),
        kept(node.output().size(), kept));
  }

  private static void read(AggregateCall call, BitSet into) {
    call.columns().forEach(into::set);
    if (call.filter() >= 0) {
      into.set(call.filter());
    }
  }

  private static AggregateCall mapped(AggregateCall call, int[] to) {
    return new AggregateCall(
        call.fn(),
        call.argument() < 0 ? -1 : to[call.argument()],
        call.more().stream().map(c -> to[c]).toList(),
        call.distinct(),
        call.filter() < 0 ? -1 : to[call.filter()],
        call.extra(),
        mapped(call.order(), to),
        call.type());
  }

  /** Without calls that nobody reads, nor windows without calls; the order stays. */
  private static Pruned window(Window node, BitSet wanted) {
    int width = node.input().output().size();
    var needed = wanted.get(0, width);
    var windows = new ArrayList<WindowCalls>();
    int column = width;
    int sortKeys = 0;
    for (WindowCalls window : node.windows()) {
      int first = column;
      column += window.calls().size();
      List<WindowCall> calls = pick(window.calls(), wanted.get(first, column));
      calls.forEach(c -> read(c, needed));
      if (!calls.isEmpty()) {
        sortKeys = Math.max(sortKeys, window.partitionKeys() + window.orderKeys());
        windows.add(new WindowCalls(window.partitionKeys(), window.orderKeys(), calls));
      }
    }
    List<SortKey> sort = node.sort().subList(0, sortKeys);
    sort.forEach(k -> needed.set(k.column()));
    Pruned input = prune(node.input(), orOne(needed));
    int[] to = Arrays.copyOf(input.to, node.output().size());
    Arrays.fill(to, width, to.length, -1);
    if (windows.isEmpty()) {
      return new Pruned(input.node, to);
    }
    int kept = input.node.output().size();
    var output = new ArrayList<>(input.node.output());
    for (int i = wanted.nextSetBit(width); i >= 0; i = wanted.nextSetBit(i + 1)) {
      to[i] = kept++;
      output.add(node.output().get(i));
    }
    return new Pruned(
        new Window(
            input.node,
            mapped(sort, input.to),
            windows.stream().map(w -> mapped(w, input.to)).toList(),
            node.limit(),
            output),
        to);
  }

  private static void read(WindowCall call, BitSet into) {
    switch (call) {
      case PlanNode.AggregateOver a -> read(a.call(), into);
      case PlanNode.FunctionOver f -> f.arguments().forEach(into::set);
    }
    SortKey key = call.frame().rangeKey();
    if (key != null) {
      into.set(key.column());
    }
  }

  private static WindowCalls mapped(WindowCalls window, int[] to) {
    return new WindowCalls(
        window.partitionKeys(),
        window.orderKeys(),
        window.calls().stream().map(c -> mapped(c, to)).toList());
  }

  private static WindowCall mapped(WindowCall call, int[] to) {
    WindowFrame frame = call.frame().mapped(i -> to[i]);
    return switch (call) {
      case PlanNode.AggregateOver a -> new PlanNode.AggregateOver(mapped(a.call(), to), frame);
      case PlanNode.FunctionOver f ->
          new PlanNode.FunctionOver(
              f.fn(), f.arguments().stream().map(i -> to[i]).toList(), frame, f.type());
    };
  }

  private static List<SortKey> mapped(List<SortKey> keys, int[] to) {
    return keys.stream()
        .map(k -> new SortKey(to[k.column()], k.descending(), k.nullsFirst()))
        .toList();
  }

  private static Pruned sort(Sort sort, BitSet wanted) {
    var needed = (BitSet) wanted.clone();
    sort.keys().forEach(k -> needed.set(k.column()));
    Pruned input = prune(sort.input(), orOne(needed));
    List<SortKey> keys = mapped(sort.keys(), input.to);
    return new Pruned(new Sort(input.node, keys, sort.offset(), sort.fetch()), input.to);
  }

  private static Pruned union(UnionAll union, BitSet wanted) {
    BitSet kept = orOne(wanted);
    List<Field> output = pick(union.output(), kept);
    List<PlanNode> inputs =
        union.inputs().stream().map(i -> exactly(prune(i, kept), kept, output)).toList();
    return new Pruned(new UnionAll(inputs, output), kept(union.output().size(), kept));
  }

  /** The node with the wanted columns and no others, in order. */
  private static PlanNode exactly(Pruned pruned, BitSet wanted, List<Field> output) {
    int[] sources = wanted.stream().map(i -> pruned.to[i]).toArray();
    if (Arrays.equals(sources, identity(pruned.node.output().size()))) {
      return pruned.node;
    }
    var columns = new ArrayList<Expr>();
    for (int i = 0; i < sources.length; i++) {
      columns.add(new Expr.Column(sources[i], pruned.node.output().get(sources[i]).type()));
    }
    return new Project(pruned.node, columns, output);
  }
}
