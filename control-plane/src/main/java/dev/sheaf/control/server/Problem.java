package dev.sheaf.control.server;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sheaf.protocol.error.SheafException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An error's body: {@code application/problem+json} (RFC 9457).
 *
 * @param type {@code urn:sheaf:problem:} and a name that never changes
 * @param title what went wrong, the same for each problem of the type
 * @param detail what went wrong this time
 * @param code SQLSTATE, or for errors of HTTP alone the type's name
 * @param requestId the same as the header X-Request-Id and in the log
 * @param hint what to do about it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Problem(
    String type,
    String title,
    int status,
    String detail,
    String code,
    @JsonProperty("request_id") @Nullable String requestId,
    @Nullable String hint) {
  static final String MEDIA_TYPE = "application/problem+json";
  private static final String TYPES = "urn:sheaf:problem:";

  static Problem of(SheafException error) {
    String name = error.code().name().toLowerCase(Locale.ROOT);
    return new Problem(
        TYPES + name.replace('_', '-'),
        sentence(name),
        HttpStatus.of(error.code()),
        error.message(),
        error.sqlState(),
        null,
        error.hint());
  }

  /**
   * An error that only HTTP knows.
   *
   * @param name lower-case words joined by '_'
   */
  static Problem ofHttp(int status, String name, String detail, @Nullable String hint) {
    return new Problem(
        TYPES + name.replace('_', '-'), sentence(name), status, detail, name, null, hint);
  }

  Problem forRequest(String id) {
    return new Problem(type, title, status, detail, code, id, hint);
  }

  ProblemException asException() {
    return new ProblemException(this);
  }

  private static String sentence(String name) {
    String words = name.replace('_', ' ');
    return Character.toUpperCase(words.charAt(0)) + words.substring(1);
  }
}
