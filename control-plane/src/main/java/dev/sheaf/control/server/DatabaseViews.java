package dev.sheaf.control.server;

import dev.sheaf.control.reconcile.Branches;
import dev.sheaf.control.reconcile.DatabaseLifecycle;
import dev.sheaf.control.reconcile.DatabaseLifecycle.DatabaseStatus;
import dev.sheaf.control.registry.DatabaseName;
import java.util.Optional;

/** Shows databases with what only others know of them. Thread-safe. */
record DatabaseViews(DatabaseLifecycle databases, Branches branches, SqlAddresses addresses) {

  DatabaseView of(DatabaseStatus status) {
    return of(status, state(status));
  }

  static String state(DatabaseStatus status) {
    return switch (status.database().state()) {
      case BRANCHING, CREATING -> "creating";
      case READY -> "ready";
      case DELETING -> "deleting";
    };
  }

  DatabaseView deleted(DatabaseStatus status) {
    return of(status, "deleted");
  }

  private DatabaseView of(DatabaseStatus status, String state) {
    Optional<DatabaseName> parent =
        status.database().origin().flatMap(origin -> databases.nameOf(origin.parent()));
    return DatabaseView.of(
        status, state, parent, branches.pastKept(status.database()), addresses.now());
  }
}
