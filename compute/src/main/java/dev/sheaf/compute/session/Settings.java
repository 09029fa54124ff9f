package dev.sheaf.compute.session;

import dev.sheaf.compute.plan.PlannerSettings;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A session's settings by name, as SET and SHOW see them. Thread-safe. */
final class Settings {
  static final String TIMEZONE = "timezone";
  static final String SEARCH_PATH = "search_path";
  static final String STATEMENT_TIMEOUT = "statement_timeout_ms";
  static final String IDLE_TIMEOUT = "idle_in_transaction_timeout_ms";
  static final String ISOLATION = "transaction_isolation";
  static final String READ_ONLY = "read_only";
  static final String APPLICATION_NAME = "application_name";
  static final String QUERY_MEMORY = "query_memory_mb";
  static final String REORDER_JOINS = "reorder_joins";
  static final String CLIENT_ENCODING = "client_encoding";
  static final String SERVER_VERSION = "server_version";

  private static final Map<String, String> DESCRIPTIONS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry(
                  TIMEZONE, "Time zone in which timestamps with time zone are shown and read"),
              Map.entry(SEARCH_PATH, "Schemas searched for names without one"),
              Map.entry(STATEMENT_TIMEOUT, "Milliseconds that a statement may take, 0 = no limit"),
              Map.entry(
                  IDLE_TIMEOUT, "Milliseconds that a transaction may wait for its next statement"),
              Map.entry(ISOLATION, "Isolation of transactions; every transaction has a snapshot"),
              Map.entry(READ_ONLY, "Whether new transactions only read"),
              Map.entry(APPLICATION_NAME, "Name of the client's program"),
              Map.entry(QUERY_MEMORY, "MiB of memory that one query may use"),
              Map.entry(REORDER_JOINS, "Whether the planner chooses the order of joins"),
              Map.entry(CLIENT_ENCODING, "Encoding of text; always UTF8"),
              Map.entry(SERVER_VERSION, "Version of the server")));

  private final Map<String, String> defaults;
  private final Map<String, String> values = new HashMap<>();
  private final long maxQueryMegabytes;

  Settings(ComputeConfig config) {
    this.maxQueryMegabytes = Math.max(1, config.memoryBytes() >> 20);
    this.defaults =
        Map.ofEntries(
            Map.entry(TIMEZONE, "UTC"),
            Map.entry(SEARCH_PATH, "public"),
            Map.entry(STATEMENT_TIMEOUT, Long.toString(config.statementTimeoutMillis())),
            Map.entry(IDLE_TIMEOUT, Long.toString(config.idleInTransactionMillis())),
            Map.entry(ISOLATION, "snapshot"),
            Map.entry(READ_ONLY, "off"),
            Map.entry(APPLICATION_NAME, ""),
            Map.entry(QUERY_MEMORY, Long.toString(Math.max(1, config.queryMemoryBytes() >> 20))),
            Map.entry(REORDER_JOINS, "on"),
            Map.entry(CLIENT_ENCODING, "UTF8"),
            Map.entry(SERVER_VERSION, config.version()));
  }

  /** 42704 for an unknown name. */
  synchronized String show(String name) {
    String canonical = canonical(name);
    return values.getOrDefault(canonical, valueOf(defaults, canonical));
  }

  private static String valueOf(Map<String, String> map, String name) {
    String value = map.get(name);
    if (value == null) {
      throw new IllegalStateException("no default for " + name);
    }
    return value;
  }

  static String description(String name) {
    return valueOf(DESCRIPTIONS, name);
  }

  /** All, sorted by name. */
  synchronized Map<String, String> all() {
    Map<String, String> all = new TreeMap<>(defaults);
    all.putAll(values);
    return all;
  }

  /**
   * @param value null = RESET
   * @throws SheafException 42704 unknown name, 22023 bad value, 0A000 an isolation there is not
   */
  synchronized void set(String name, @Nullable String value) {
    String canonical = canonical(name);
    if (value == null) {
      values.remove(canonical);
    } else {
      values.put(canonical, checked(canonical, value.strip()));
    }
  }

  synchronized void resetAll() {
    values.clear();
  }

  private static String canonical(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    String canonical =
        switch (lower) {
          case "time zone", "time_zone" -> TIMEZONE;
          case "schema" -> SEARCH_PATH;
          case "statement_timeout" -> STATEMENT_TIMEOUT;
          case "idle_in_transaction_session_timeout" -> IDLE_TIMEOUT;
          case "default_transaction_isolation" -> ISOLATION;
          case "default_transaction_read_only", "transaction_read_only" -> READ_ONLY;
          default -> lower;
        };
    if (!DESCRIPTIONS.containsKey(canonical)) {
      throw new SheafException(
              ErrorCode.UNDEFINED_OBJECT, "unrecognized configuration parameter \"" + name + "\"")
          .withHint("SHOW ALL lists the settings.");
    }
    return canonical;
  }

  private String checked(String name, String value) {
    return switch (name) {
      case TIMEZONE -> zone(value).getId();
      case SEARCH_PATH -> String.join(", ", schemas(value));
      case STATEMENT_TIMEOUT, IDLE_TIMEOUT -> number(name, value, 0, Integer.MAX_VALUE);
      case QUERY_MEMORY -> number(name, value, 1, maxQueryMegabytes);
      case ISOLATION -> isolation(value);
      case READ_ONLY, REORDER_JOINS -> onOrOff(name, value);
      case CLIENT_ENCODING -> {
        if (!value.replace("-", "").equalsIgnoreCase("utf8")) {
          throw invalid(name, value, "Only UTF8 is there.");
        }
        yield "UTF8";
      }
      case SERVER_VERSION ->
          throw new SheafException(
              ErrorCode.INVALID_PARAMETER_VALUE, "setting server_version is read-only");
      default -> value;
    };
  }

  private static ZoneId zone(String value) {
    try {
      return ZoneId.of(value);
    } catch (DateTimeException e) {
      throw invalid(TIMEZONE, value, "Use a name like Europe/Berlin, or an offset like +02:00.");
    }
  }

  private static List<String> schemas(String value) {
    List<String> schemas =
        Arrays.stream(value.split(","))
            .map(String::strip)
            .map(s -> s.startsWith("\"") && s.endsWith("\"") ? s.substring(1, s.length() - 1) : s)
            .filter(s -> !s.isEmpty() && !s.equals("$user"))
            .toList();
    if (schemas.isEmpty()) {
      throw invalid(SEARCH_PATH, value, "Name at least one schema.");
    }
    return schemas;
  }

  private static String number(String name, String value, long min, long max) {
    try {
      long number = Long.parseLong(value);
      if (number >= min && number <= max) {
        return Long.toString(number);
      }
    } catch (NumberFormatException e) {
      throw invalid(name, value, "It takes a whole number.");
    }
    throw invalid(name, value, "It is " + min + " to " + max + ".");
  }

  private static String isolation(String value) {
    return switch (value.toLowerCase(Locale.ROOT).replace('_', ' ')) {
      case "snapshot", "repeatable read", "read committed", "read uncommitted" -> "snapshot";
      case "serializable" -> throw noSerializable();
      default -> throw invalid(ISOLATION, value, "It is snapshot (repeatable read).");
    };
  }

  static SheafException noSerializable() {
    return new SheafException(
            ErrorCode.FEATURE_NOT_SUPPORTED, "isolation level SERIALIZABLE is not supported")
        .withHint(
            "SNAPSHOT prevents all but write skew; read rows that must not change with an UPDATE.");
  }

  private static String onOrOff(String name, String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "on", "true", "yes", "1" -> "on";
      case "off", "false", "no", "0" -> "off";
      default -> throw invalid(name, value, "It is on or off.");
    };
  }

  private static SheafException invalid(String name, String value, String hint) {
    return new SheafException(
            ErrorCode.INVALID_PARAMETER_VALUE,
            "invalid value for parameter \"" + name + "\": \"" + value + "\"")
        .withHint(hint);
  }

  ZoneId zone() {
    return ZoneId.of(show(TIMEZONE));
  }

  List<String> searchPath() {
    return Arrays.stream(show(SEARCH_PATH).split(", ")).toList();
  }

  /** 0 = none. */
  long statementTimeoutMillis() {
    return Long.parseLong(show(STATEMENT_TIMEOUT));
  }

  /**
   * For loads, which take as long as their client takes to send: the default does not count, only
   * what was set. 0 = none.
   */
  synchronized long loadTimeoutMillis() {
    return values.containsKey(STATEMENT_TIMEOUT) ? statementTimeoutMillis() : 0;
  }

  /** 0 = none. */
  long idleInTransactionMillis() {
    return Long.parseLong(show(IDLE_TIMEOUT));
  }

  boolean readOnly() {
    return show(READ_ONLY).equals("on");
  }

  long queryMemoryBytes() {
    return Long.parseLong(show(QUERY_MEMORY)) << 20;
  }

  PlannerSettings planner() {
    return new PlannerSettings(show(REORDER_JOINS).equals("on"));
  }
}
