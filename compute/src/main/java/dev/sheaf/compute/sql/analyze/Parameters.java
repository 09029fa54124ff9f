package dev.sheaf.compute.sql.analyze;

import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Types of the statement's parameters: each gets its type from its first use that has one. */
public final class Parameters {
  private final @Nullable SqlType[] types;

  public Parameters(int count) {
    this.types = new @Nullable SqlType[count];
  }

  @Nullable SqlType type(int index) {
    return types[index];
  }

  /** The parameter's type: the given one, unless an earlier use has fixed another. */
  SqlType fix(int index, SqlType type) {
    @Nullable SqlType known = types[index];
    if (known != null) {
      return known;
    }
    types[index] = type;
    return type;
  }

  /** Name and type of each; text where nothing told. */
  public List<Field> fields() {
    var fields = new ArrayList<Field>();
    for (int i = 0; i < types.length; i++) {
      @Nullable SqlType type = types[i];
      fields.add(new Field("$" + (i + 1), type == null ? SqlType.TEXT : type, true));
    }
    return List.copyOf(fields);
  }
}
