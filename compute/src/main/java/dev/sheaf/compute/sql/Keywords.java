package dev.sheaf.compute.sql;

import java.util.Set;

/** PostgreSQL's reserved words, as far as they decide what a word can be. */
final class Keywords {
  private static final Set<String> RESERVED =
      Set.of(
          "all",
          "analyse",
          "analyze",
          "and",
          "any",
          "array",
          "as",
          "asc",
          "asymmetric",
          "both",
          "case",
          "cast",
          "check",
          "collate",
          "column",
          "constraint",
          "create",
          "current_catalog",
          "current_date",
          "current_role",
          "current_time",
          "current_timestamp",
          "current_user",
          "default",
          "deferrable",
          "desc",
          "distinct",
          "do",
          "else",
          "end",
          "except",
          "false",
          "fetch",
          "for",
          "foreign",
          "from",
          "grant",
          "group",
          "having",
          "in",
          "initially",
          "intersect",
          "into",
          "lateral",
          "leading",
          "limit",
          "localtime",
          "localtimestamp",
          "not",
          "null",
          "offset",
          "on",
          "only",
          "or",
          "order",
          "placing",
          "primary",
          "references",
          "returning",
          "select",
          "session_user",
          "some",
          "symmetric",
          "table",
          "then",
          "to",
          "trailing",
          "true",
          "union",
          "unique",
          "user",
          "using",
          "variadic",
          "when",
          "where",
          "window",
          "with");

  /** Words that may name columns but not stand as an alias without AS. */
  private static final Set<String> NOT_AN_ALIAS =
      Set.of(
          "cross",
          "full",
          "inner",
          "left",
          "right",
          "natural",
          "join",
          "is",
          "isnull",
          "notnull",
          "like",
          "ilike",
          "similar",
          "overlaps",
          "tablesample",
          "set",
          "between",
          "over",
          "filter",
          "within",
          "values",
          "at",
          "operator");

  private Keywords() {}

  static boolean canName(Token token) {
    return token.kind() == Token.Kind.QUOTED
        || (token.kind() == Token.Kind.WORD && !RESERVED.contains(token.text()));
  }

  static boolean canAlias(Token token) {
    return canName(token)
        && (token.kind() == Token.Kind.QUOTED || !NOT_AN_ALIAS.contains(token.text()));
  }

  static boolean startsQuery(Token token) {
    return token.isWord("select")
        || token.isWord("values")
        || token.isWord("with")
        || token.isWord("table");
  }

  static boolean continuesQuery(Token token) {
    return token.isWord("union")
        || token.isWord("intersect")
        || token.isWord("except")
        || token.isWord("order")
        || token.isWord("limit")
        || token.isWord("offset")
        || token.isWord("fetch");
  }
}
