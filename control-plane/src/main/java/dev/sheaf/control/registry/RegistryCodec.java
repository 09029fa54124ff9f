package dev.sheaf.control.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The registry's values in the coordination store: one JSON object each, UTF-8.
 *
 * <pre>
 * control/database/{name}
 *   {"v":1,"id":"shop-7k2m9qx4b1tz","name":"shop","state":"ready","created_at":1767225600000,"token":"..."}
 *   {"v":2,"id":"shop-dev-1b3...","name":"shop@dev",... as above,
 *    "parent":"shop-7k2m9qx4b1tz","at":463263612928000000,
 *    "takes":"shop","takes_from":"shop-7k2m9qx4b1tz","deletes":false,
 *    "window":604800000}
 *   {"v":3,"id":"shop-nightly-9d0...","name":"shop~nightly",... as above}
 *   {"v":3,"id":"shop-dev-5f2...","name":"shop@dev",... as above,"backup":"shop-nightly-9d0..."}
 *
 * control/idempotency/{SHA-256 of the key}
 *   {"v":1,"body":"{SHA-256 of the body}","expires_at":1767312000000,"database":{...as above}}
 * </pre>
 *
 * <table>
 * <caption>Fields</caption>
 * <tr><th>field</th><th>type</th><th>meaning</th></tr>
 * <tr><td>v</td><td>number</td><td>version of the layout: 3 of a backup and of what begins as one, 2
 * if it has any other of the last fields; a greater one is refused</td></tr>
 * <tr><td>id</td><td>string</td><td>{@link DatabaseId}</td></tr>
 * <tr><td>name</td><td>string</td><td>{@link DatabaseName}; equals the key's end</td></tr>
 * <tr><td>state</td><td>string</td><td>branching, creating, ready, deleting</td></tr>
 * <tr><td>created_at, expires_at</td><td>number</td><td>milliseconds since the epoch</td></tr>
 * <tr><td>token</td><td>string</td><td>unique to the write, 26 characters</td></tr>
 * <tr><td>parent, at</td><td>string, number</td><td>of a branch: {@link Origin}; both or
 * none</td></tr>
 * <tr><td>takes, takes_from, deletes</td><td>string, string, boolean</td><td>{@link Takeover}; all
 * or none</td></tr>
 * <tr><td>backup</td><td>string</td><td>of a branch that begins as a backup did: that one's id, in
 * {@link Origin}</td></tr>
 * <tr><td>window</td><td>number</td><td>milliseconds of the past that are kept; absent: the
 * default</td></tr>
 * </table>
 */
final class RegistryCodec {
  private static final int VERSION = 3;
  private static final int FIRST_VERSION = 1;
  private static final int BRANCHES_VERSION = 2;
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private RegistryCodec() {}

  /**
   * @param database as it was when the request was first answered
   */
  record Remembered(String bodyHash, Instant expiresAt, DatabaseRecord database) {}

  static String encode(DatabaseRecord database) {
    return text(node(database));
  }

  static String encode(Remembered remembered) {
    ObjectNode node = JSON.createObjectNode();
    node.put("v", FIRST_VERSION);
    node.put("body", remembered.bodyHash());
    node.put("expires_at", remembered.expiresAt().toEpochMilli());
    node.set("database", node(remembered.database()));
    return text(node);
  }

  /** XX001 when the value is none that this version could have written. */
  static DatabaseRecord database(String key, String value) {
    return decode(key, value, RegistryCodec::database);
  }

  /** XX001 when the value is none that this version could have written. */
  static Remembered remembered(String key, String value) {
    return decode(
        key,
        value,
        node ->
            new Remembered(
                string(node, "body"),
                Instant.ofEpochMilli(number(node, "expires_at")),
                database(versioned(field(node, "database")))));
  }

  private static ObjectNode node(DatabaseRecord database) {
    ObjectNode node = JSON.createObjectNode();
    node.put("v", version(database));
    node.put("id", database.id().value());
    node.put("name", database.name().value());
    node.put("state", database.state().name().toLowerCase(Locale.ROOT));
    node.put("created_at", database.createdAt().toEpochMilli());
    node.put("token", database.token());
    database
        .origin()
        .ifPresent(from -> {
          node.put("parent", from.parent().value());
          node.put("at", from.at().value());
          from.backup().ifPresent(backup -> node.put("backup", backup.value()));
        });
    database
        .takeover()
        .ifPresent(takeover -> {
          node.put("takes", takeover.name().value());
          node.put("takes_from", takeover.bearer().value());
          node.put("deletes", takeover.deletesBearer());
        });
    database.window().ifPresent(window -> node.put("window", window.toMillis()));
    return node;
  }

  /** The least that knows what the record says: a server of an older version refuses the others. */
  private static int version(DatabaseRecord database) {
    if (database.isBackup() || database.origin().flatMap(Origin::backup).isPresent()) {
      return VERSION;
    }
    boolean first =
        database.origin().isEmpty() && database.takeover().isEmpty() && database.window().isEmpty();
    return first ? FIRST_VERSION : BRANCHES_VERSION;
  }

  private static DatabaseRecord database(JsonNode node) {
    return new DatabaseRecord(
        new DatabaseId(string(node, "id")),
        new DatabaseName(string(node, "name")),
        DatabaseState.valueOf(string(node, "state").toUpperCase(Locale.ROOT)),
        Instant.ofEpochMilli(number(node, "created_at")),
        string(node, "token"),
        node.has("parent")
            ? Optional.of(
                new Origin(
                    new DatabaseId(string(node, "parent")),
                    new Timestamp(number(node, "at")),
                    node.has("backup")
                        ? Optional.of(new DatabaseId(string(node, "backup")))
                        : Optional.empty()))
            : Optional.empty(),
        node.has("takes")
            ? Optional.of(
                new Takeover(
                    new DatabaseName(string(node, "takes")),
                    new DatabaseId(string(node, "takes_from")),
                    field(node, "deletes").asBoolean()))
            : Optional.empty(),
        node.has("window")
            ? Optional.of(Duration.ofMillis(number(node, "window")))
            : Optional.empty());
  }

  private interface Shape<T> {
    T read(JsonNode node);
  }

  private static <T> T decode(String key, String value, Shape<T> shape) {
    try {
      return shape.read(versioned(JSON.readTree(value)));
    } catch (JsonProcessingException | IllegalArgumentException | SheafException e) {
      throw damaged(key, e);
    }
  }

  private static JsonNode versioned(JsonNode node) {
    long version = number(node, "v");
    if (version < FIRST_VERSION || version > VERSION) {
      throw new IllegalArgumentException("written by another version of Sheaf: layout " + version);
    }
    return node;
  }

  private static JsonNode field(JsonNode node, String name) {
    JsonNode field = node.get(name);
    if (field == null) {
      throw new IllegalArgumentException("lacks " + name);
    }
    return field;
  }

  private static String string(JsonNode node, String name) {
    JsonNode field = field(node, name);
    if (!field.isTextual()) {
      throw new IllegalArgumentException(name + " is not a string");
    }
    return field.textValue();
  }

  private static long number(JsonNode node, String name) {
    JsonNode field = field(node, name);
    if (!field.isIntegralNumber() || !field.canConvertToLong()) {
      throw new IllegalArgumentException(name + " is not a whole number");
    }
    return field.longValue();
  }

  private static String text(ObjectNode node) {
    try {
      return JSON.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new SheafException(ErrorCode.INTERNAL_ERROR, "cannot write JSON", e);
    }
  }

  private static SheafException damaged(String key, @Nullable Exception cause) {
    String why = cause == null || cause.getMessage() == null ? "" : ": " + cause.getMessage();
    return new SheafException(
            ErrorCode.DATA_CORRUPTED,
            "the registry's entry " + key + " cannot be read" + why,
            cause)
        .withHint("Was it written by a newer version of Sheaf, or by hand?");
  }
}
