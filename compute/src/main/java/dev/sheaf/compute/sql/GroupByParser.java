package dev.sheaf.compute.sql;

import dev.sheaf.compute.sql.SqlQuery.Cube;
import dev.sheaf.compute.sql.SqlQuery.DistinctSets;
import dev.sheaf.compute.sql.SqlQuery.GroupItem;
import dev.sheaf.compute.sql.SqlQuery.GroupKey;
import dev.sheaf.compute.sql.SqlQuery.GroupingSets;
import dev.sheaf.compute.sql.SqlQuery.Rollup;
import java.util.ArrayList;
import java.util.List;

/** Reads GROUP BY: expressions, row values, {@code ()}, ROLLUP, CUBE and GROUPING SETS. */
final class GroupByParser {
  private final TokenStream in;
  private final ExpressionParser expressions;

  GroupByParser(TokenStream in, ExpressionParser expressions) {
    this.in = in;
    this.expressions = expressions;
  }

  /** What follows the words GROUP BY. */
  List<GroupItem> clause() {
    boolean distinct = in.accept("distinct");
    if (!distinct) {
      in.accept("all");
    }
    List<GroupItem> items = items();
    return distinct ? List.of(new DistinctSets(items)) : items;
  }

  private List<GroupItem> items() {
    var items = new ArrayList<GroupItem>();
    do {
      items.add(item());
    } while (in.acceptSymbol(","));
    return List.copyOf(items);
  }

  private GroupItem item() {
    Position position = in.position();
    if (in.isWord("rollup") && in.peek(1).isSymbol("(")) {
      return new Rollup(units(), position);
    }
    if (in.isWord("cube") && in.peek(1).isSymbol("(")) {
      return new Cube(units(), position);
    }
    if (in.accept("grouping", "sets")) {
      in.enter();
      in.expectSymbol("(");
      List<GroupItem> items = items();
      in.expectSymbol(")");
      in.leave();
      return new GroupingSets(items, position);
    }
    if (in.isSymbol("(") && in.peek(1).isSymbol(")")) {
      in.next();
      in.next();
      return new GroupKey(new SqlExpression.Row(List.of(), position));
    }
    return new GroupKey(expressions.expression());
  }

  private List<SqlExpression> units() {
    in.next();
    in.expectSymbol("(");
    List<SqlExpression> units = expressions.list();
    in.expectSymbol(")");
    return units;
  }
}
