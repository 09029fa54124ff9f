package dev.sheaf.flightsql.session;

import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.sql.SqlService;
import dev.sheaf.rpc.sql.SqlSession;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A client session's connections to databases: which one a call means, opened on first use with the
 * session's settings. Thread-safe.
 *
 * <p>The database of a call is its header {@code database}, else the session's option {@code
 * catalog}, else the only database there is, branches not counted; otherwise 3D000 with the names.
 * The header {@code branch} means that branch of the same family: {@code shop} and {@code dev} are
 * {@code shop@dev}.
 */
public final class OpenDatabases {
  private static final String SEARCH_PATH = "search_path";
  private static final char BRANCH = '@';

  private final SqlService service;
  private final String user;
  private final SessionLimits limits;
  private final LongSupplier nanoClock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, SqlSession> open = new LinkedHashMap<>();
  private final Map<String, String> settings = new TreeMap<>();
  private @Nullable String catalog;
  private boolean closed;

  OpenDatabases(SqlService service, String user, SessionLimits limits, LongSupplier nanoClock) {
    this.service = service;
    this.user = user;
    this.limits = limits;
    this.nanoClock = nanoClock;
  }

  /** The name of the database that the call means. */
  public String choose(Caller caller) {
    String database = chooseDatabase(caller);
    String branch = caller.header("branch");
    return branch == null || branch.isEmpty() ? database : rootOf(database) + BRANCH + branch;
  }

  private static String rootOf(String database) {
    int at = database.indexOf(BRANCH);
    return at < 0 ? database : database.substring(0, at);
  }

  private String chooseDatabase(Caller caller) {
    String header = caller.header("database");
    if (header != null) {
      return header;
    }
    String chosen = catalog();
    if (chosen != null) {
      return chosen;
    }
    List<String> names = service.databases();
    List<String> roots = names.stream().filter(name -> name.indexOf(BRANCH) < 0).toList();
    if (roots.size() == 1) {
      return roots.getFirst();
    }
    throw new SheafException(
            ErrorCode.INVALID_CATALOG_NAME,
            names.isEmpty()
                ? "there is no database to connect to"
                : "no database was chosen; there are: " + String.join(", ", names))
        .withHint(
            "Send the header database=NAME (JDBC: add database=NAME to the URL), or set the session"
                + " option catalog.");
  }

  /** The engine's session on the call's database. Waits for one that has to wake up. */
  public SqlSession open(Caller caller) {
    return open(choose(caller), caller);
  }

  /** The engine's session on a database by name. */
  public SqlSession open(String database, Caller caller) {
    acquire();
    try {
      if (closed) {
        throw new SheafException(ErrorCode.ADMIN_SHUTDOWN, "the session was closed");
      }
      SqlSession session = open.get(database);
      if (session == null) {
        session = service.openSession(parameters(database, caller), deadline());
        open.put(database, session);
      }
      return session;
    } finally {
      lock.unlock();
    }
  }

  private void acquire() {
    try {
      if (lock.tryLock(limits.openTimeout().toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new SheafException(ErrorCode.CANNOT_CONNECT_NOW, "the database is not ready yet")
        .withHint("Try again in a few seconds.");
  }

  private Deadline deadline() {
    return Deadline.after(nanoClock.getAsLong(), limits.openTimeout().toMillis());
  }

  private SqlService.SessionParameters parameters(String database, Caller caller) {
    Map<String, String> initial = new HashMap<>();
    String timezone = caller.header("timezone");
    if (timezone != null) {
      initial.put("timezone", timezone);
    }
    String schema = caller.header("schema");
    if (schema != null) {
      initial.put(SEARCH_PATH, schema);
    }
    initial.putAll(settings);
    return new SqlService.SessionParameters(database, user, initial);
  }

  /** Chooses the database of calls without the header; null = none. */
  public void setCatalog(@Nullable String name) {
    if (name != null && !service.databases().contains(name)) {
      throw new SheafException(
          ErrorCode.INVALID_PARAMETER_VALUE, "there is no database \"" + name + "\"");
    }
    acquire();
    try {
      catalog = name;
    } finally {
      lock.unlock();
    }
  }

  public @Nullable String catalog() {
    acquire();
    try {
      return catalog;
    } finally {
      lock.unlock();
    }
  }

  /** SET in every open database, and in those opened later; null = RESET. */
  public void set(String name, @Nullable String value) {
    String setting = name.equals("schema") ? SEARCH_PATH : name;
    acquire();
    try {
      for (SqlSession session : open.values()) {
        session.set(setting, value);
      }
      if (value == null) {
        settings.remove(setting);
      } else {
        settings.put(setting, value);
      }
    } finally {
      lock.unlock();
    }
  }

  /** What {@link #set} has set. */
  public Map<String, String> settings() {
    acquire();
    try {
      return new TreeMap<>(settings);
    } finally {
      lock.unlock();
    }
  }

  public SqlService service() {
    return service;
  }

  void close() {
    List<SqlSession> all;
    lock.lock();
    try {
      closed = true;
      all = List.copyOf(open.values());
      open.clear();
    } finally {
      lock.unlock();
    }
    all.forEach(SqlSession::close);
  }
}
