package dev.sheaf.control.reconcile;

import dev.sheaf.control.registry.DatabaseRecord;
import java.util.Optional;

/**
 * Work on a database that a caller may want to follow.
 *
 * @param id readable, the same each time the operation is shown
 * @param failures how often it has been tried in vain since this process started
 * @param error of the last try, if that failed
 */
public record Operation(
    String id, Action action, Status status, int failures, Optional<String> error) {

  /** What is being done. */
  public enum Action {
    CREATE_DATABASE,
    /** A database that existed before is served again. */
    OPEN_DATABASE,
    DELETE_DATABASE
  }

  /** How far it is. A failed try leaves it running: it is tried again. */
  public enum Status {
    RUNNING,
    FINISHED
  }

  static Operation of(
      DatabaseRecord database, Action action, Status status, Attempts.Failures failures) {
    String verb =
        switch (action) {
          case CREATE_DATABASE -> "create";
          case OPEN_DATABASE -> "open";
          case DELETE_DATABASE -> "delete";
        };
    return new Operation(
        verb + "-" + database.id(), action, status, failures.count(), failures.last());
  }
}
