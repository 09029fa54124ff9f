package dev.sheaf.columnar.expression;

import dev.sheaf.columnar.expression.RowFunction.ToBool;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.protocol.type.SqlType;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** LIKE and ILIKE: keeps the pattern compiled last. */
final class LikeFunction implements ToBool {
  private final boolean ignoreCase;
  private final boolean constant;
  private @Nullable LikePattern pattern;
  private String patternText = "";
  private String escapeText = "";

  private LikeFunction(boolean ignoreCase, boolean constant) {
    this.ignoreCase = ignoreCase;
    this.constant = constant;
  }

  static Evaluator compile(Fn fn, Evaluator[] args) {
    boolean constant = true;
    for (int a = 1; a < args.length; a++) {
      constant &= args[a] instanceof Constant;
    }
    var body = new LikeFunction(fn == Fn.ILIKE, constant);
    // A constant pattern either always fails or never.
    return constant
        ? RowFunction.total(SqlType.BOOLEAN, body, args)
        : RowFunction.of(SqlType.BOOLEAN, body, args);
  }

  @Override
  public boolean at(Vec[] in, int row) {
    LikePattern compiled = patternOf(in, row);
    BytesVec v = (BytesVec) in[0];
    if (!ignoreCase) {
      return compiled.matches(v.data(), v.start()[row], v.length()[row]);
    }
    byte[] lower =
        TextFunctions.text(in, 0, row).toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
    return compiled.matches(lower, 0, lower.length);
  }

  private LikePattern patternOf(Vec[] in, int row) {
    LikePattern current = pattern;
    if (constant && current != null) {
      return current;
    }
    String text = TextFunctions.text(in, 1, row);
    String escape = in.length > 2 ? TextFunctions.text(in, 2, row) : "\\";
    if (current == null || !text.equals(patternText) || !escape.equals(escapeText)) {
      current = LikePattern.of(ignoreCase ? text.toLowerCase(Locale.ROOT) : text, escape);
      pattern = current;
      patternText = text;
      escapeText = escape;
    }
    return current;
  }
}
