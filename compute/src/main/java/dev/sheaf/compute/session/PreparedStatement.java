package dev.sheaf.compute.session;

import dev.sheaf.compute.sql.ParsedStatement;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.rpc.sql.SqlSession.PreparedSql;
import dev.sheaf.rpc.sql.SqlSession.StatementKind;
import java.util.List;
import java.util.function.Consumer;

/** A statement of a session, parsed and described. Immutable but for being open or closed. */
final class PreparedStatement implements PreparedSql {
  private final String sql;
  private final ParsedStatement parsed;
  private final StatementKind kind;
  private final List<Field> resultFields;
  private final List<Field> parameterFields;
  private final Consumer<PreparedStatement> onClose;

  PreparedStatement(
      String sql,
      ParsedStatement parsed,
      StatementKind kind,
      List<Field> resultFields,
      List<Field> parameterFields,
      Consumer<PreparedStatement> onClose) {
    this.sql = sql;
    this.parsed = parsed;
    this.kind = kind;
    this.resultFields = List.copyOf(resultFields);
    this.parameterFields = List.copyOf(parameterFields);
    this.onClose = onClose;
  }

  @Override
  public String sql() {
    return sql;
  }

  ParsedStatement parsed() {
    return parsed;
  }

  @Override
  public StatementKind kind() {
    return kind;
  }

  @Override
  public List<Field> resultFields() {
    return resultFields;
  }

  @Override
  public List<Field> parameterFields() {
    return parameterFields;
  }

  @Override
  public void close() {
    onClose.accept(this);
  }
}
