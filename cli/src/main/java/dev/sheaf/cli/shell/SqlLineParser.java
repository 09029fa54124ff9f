package dev.sheaf.cli.shell;

import dev.sheaf.cli.text.Statements;
import org.jline.reader.EOFError;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;
import org.jline.reader.impl.DefaultParser;

/**
 * Asks for another line until the statement ends with a semicolon; backslash commands take one
 * line.
 */
final class SqlLineParser implements Parser {
  private final DefaultParser words =
      new DefaultParser().escapeChars(new char[0]).quoteChars(new char[0]);

  @Override
  public ParsedLine parse(String line, int cursor, ParseContext context) {
    boolean accepting = context == ParseContext.ACCEPT_LINE;
    if (accepting && !line.isBlank() && !line.stripLeading().startsWith("\\")) {
      Statements split = Statements.split(line);
      if (split.open() || !split.rest().isEmpty()) {
        throw new EOFError(-1, -1, "the statement goes on");
      }
    }
    return words.parse(
        line, cursor, context == ParseContext.ACCEPT_LINE ? ParseContext.UNSPECIFIED : context);
  }
}
