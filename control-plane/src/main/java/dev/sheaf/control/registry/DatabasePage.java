package dev.sheaf.control.registry;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A page of databases, sorted by name.
 *
 * @param cursor where the next page begins; empty on the last page
 */
public record DatabasePage(List<DatabaseRecord> databases, Optional<String> cursor) {
  private static final String MARK = "after:";

  /** The cursor that continues after a name: opaque to callers, valid for ever. */
  static String cursorAfter(DatabaseName name) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString((MARK + name).getBytes(StandardCharsets.US_ASCII));
  }

  /** The name that a cursor continues after; 22023 if it is none of ours. */
  static DatabaseName nameIn(String cursor) {
    try {
      String text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.ISO_8859_1);
      if (text.startsWith(MARK)) {
        return new DatabaseName(text.substring(MARK.length()));
      }
    } catch (IllegalArgumentException | SheafException e) {
      throw notACursor(e);
    }
    throw notACursor(null);
  }

  private static SheafException notACursor(@Nullable Throwable cause) {
    return new SheafException(ErrorCode.INVALID_PARAMETER_VALUE, "not a cursor of this list", cause)
        .withHint("Pass the 'cursor' of the previous page as it is, or none for the first page.");
  }
}
