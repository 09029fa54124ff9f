package dev.sheaf.rpc.sql;

import dev.sheaf.protocol.Deadline;
import java.util.List;
import java.util.Map;

/** A compute's SQL, as the protocol front sees it. Thread-safe. */
public interface SqlService {

  /**
   * Opens a session on a database.
   *
   * @throws dev.sheaf.protocol.error.SheafException 3D000 with the list of databases if the name is
   *     unknown; 57P03 while the database is not served yet
   */
  SqlSession openSession(SessionParameters parameters, Deadline deadline);

  /** Names of the databases that can be connected to, sorted. */
  List<String> databases();

  /**
   * @param database name
   * @param user authenticated user
   * @param settings initial settings as SET would take them, for example timezone, search_path
   */
  record SessionParameters(String database, String user, Map<String, String> settings) {}
}
