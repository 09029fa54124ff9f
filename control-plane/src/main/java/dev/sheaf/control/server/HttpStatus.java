package dev.sheaf.control.server;

import dev.sheaf.protocol.error.ErrorCode;
import java.util.Map;

/**
 * The HTTP status of each error: by its kind, with exceptions. 423 and 503 are always safe to try
 * again.
 */
final class HttpStatus {
  static final int BAD_REQUEST = 400;
  static final int NOT_FOUND = 404;
  static final int PAYLOAD_TOO_LARGE = 413;
  static final int UNSUPPORTED_MEDIA_TYPE = 415;
  static final int UNPROCESSABLE = 422;
  static final int INTERNAL_ERROR = 500;
  private static final int CONFLICT = 409;
  private static final int LOCKED = 423;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int NOT_IMPLEMENTED = 501;
  private static final int UNAVAILABLE = 503;
  private static final int OUTCOME_UNKNOWN = 504;

  private static final Map<ErrorCode, Integer> SPECIAL =
      Map.of(
          ErrorCode.INVALID_CATALOG_NAME, NOT_FOUND,
          ErrorCode.UNDEFINED_OBJECT, NOT_FOUND,
          ErrorCode.DUPLICATE_DATABASE, CONFLICT,
          ErrorCode.DUPLICATE_OBJECT, CONFLICT,
          ErrorCode.OBJECT_NOT_IN_PREREQUISITE_STATE, CONFLICT,
          ErrorCode.DEPENDENT_OBJECTS_STILL_EXIST, CONFLICT,
          ErrorCode.OBJECT_IN_USE, LOCKED,
          ErrorCode.CONFIGURATION_LIMIT_EXCEEDED, TOO_MANY_REQUESTS,
          ErrorCode.FEATURE_NOT_SUPPORTED, NOT_IMPLEMENTED);

  private HttpStatus() {}

  static int of(ErrorCode code) {
    Integer special = SPECIAL.get(code);
    if (special != null) {
      return special;
    }
    return switch (code.kind()) {
      case INPUT -> BAD_REQUEST;
      case RETRY -> CONFLICT;
      case RESOURCE -> UNAVAILABLE;
      case UNKNOWN_OUTCOME -> OUTCOME_UNKNOWN;
      case CORRUPTION, INTERNAL -> INTERNAL_ERROR;
    };
  }
}
