package dev.sheaf.control.server;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request's JSON object, read strictly: at most 64 KiB, no duplicate keys, no unknown fields,
 * nothing after it. What does not fit is a problem of status 400 or 413.
 *
 * @param bytes as they came
 */
record JsonBody(byte[] bytes, JsonNode object) {
  static final int MAX_BYTES = 64 * 1024;
  private static final int MAX_DEPTH = 16;

  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /**
   * Reads no more than one byte over the limit.
   *
   * @param contentType of the request; without one it is a problem of status 415
   */
  static JsonBody read(@Nullable String contentType, InputStream in, Set<String> fields)
      throws IOException {
    if (contentType == null) {
      throw Problem.ofHttp(
              HttpStatus.UNSUPPORTED_MEDIA_TYPE,
              "unsupported_media_type",
              "the request does not say what its body is",
              "Send Content-Type: application/json.")
          .asException();
    }
    return read(in, fields);
  }

  /** Reads no more than one byte over the limit. */
  static JsonBody read(InputStream in, Set<String> fields) throws IOException {
    byte[] bytes = in.readNBytes(MAX_BYTES + 1);
    if (bytes.length > MAX_BYTES) {
      throw Problem.ofHttp(
              HttpStatus.PAYLOAD_TOO_LARGE,
              "body_too_large",
              "the body is longer than " + MAX_BYTES + " bytes",
              null)
          .asException();
    }
    JsonNode object = parse(bytes);
    object
        .fieldNames()
        .forEachRemaining(name -> {
          if (!fields.contains(name)) {
            throw bad(
                "unknown_field",
                "the body has a field that is not known here",
                "Known fields: " + String.join(", ", fields));
          }
        });
    return new JsonBody(bytes, object);
  }

  private static JsonNode parse(byte[] bytes) {
    try {
      JsonNode node = JSON.readTree(bytes);
      if (node != null && node.isObject()) {
        return node;
      }
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      String where =
          at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
      throw bad("malformed_json", "the body is not valid JSON" + where, null);
    } catch (IOException e) {
      throw bad("malformed_json", "the body is not valid text", null);
    }
    throw bad("malformed_json", "the body is not a JSON object", null);
  }

  /** A field that must be there and be a string. */
  String requiredString(String name) {
    JsonNode value = object.get(name);
    if (value == null || !value.isTextual()) {
      String problem = value == null ? " is missing" : " is not a string";
      throw bad("invalid_field", "field '" + name + "'" + problem, null);
    }
    return value.textValue();
  }

  /** A field that must be a string if it is there. */
  Optional<String> string(String name) {
    return object.has(name) ? Optional.of(requiredString(name)) : Optional.empty();
  }

  /** As {@link #string}, of a field that excludes another one. */
  Optional<String> oneOf(String name, String other) {
    if (object.has(name) && object.has(other)) {
      throw bad(
          "invalid_field", "fields '" + name + "' and '" + other + "' exclude one another", null);
    }
    return string(name);
  }

  /** As {@link #requiredInstant}, if the field is there. */
  Optional<Instant> instant(String name) {
    return object.has(name) ? Optional.of(requiredInstant(name)) : Optional.empty();
  }

  /** A moment as ISO 8601 with an offset; else a problem. */
  Instant requiredInstant(String name) {
    try {
      return OffsetDateTime.parse(requiredString(name)).toInstant();
    } catch (DateTimeParseException e) {
      throw bad(
          "invalid_field",
          "field '" + name + "' is not a moment",
          "Give it as in 2026-01-31T12:00:00Z.");
    }
  }

  /** A duration as ISO 8601; else a problem. */
  Duration requiredDuration(String name) {
    try {
      return Duration.parse(requiredString(name));
    } catch (DateTimeParseException e) {
      throw bad(
          "invalid_field", "field '" + name + "' is not a duration", "Give it as in P7D or PT12H.");
    }
  }

  private static ProblemException bad(String name, String detail, @Nullable String hint) {
    return Problem.ofHttp(HttpStatus.BAD_REQUEST, name, detail, hint).asException();
  }
}
