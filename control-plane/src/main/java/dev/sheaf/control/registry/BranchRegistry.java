package dev.sheaf.control.registry;

import dev.sheaf.coordination.Coordination.Entry;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Which databases branch off which, and how far back each can be branched: part of the records of
 * {@link DatabaseRegistry}. A branch's record is the branch point, too: it is durable before
 * anything is stored for the branch, and as long as anything is. Thread-safe.
 */
public final class BranchRegistry {
  private static final int SHOWN_NAMES = 10;
  private static final int RANDOM_DIGITS = 10;

  private final DatabaseRegistry databases;

  public BranchRegistry(DatabaseRegistry databases) {
    this.databases = databases;
  }

  /**
   * Registers a branch in state branching.
   *
   * @param takeover whose name it is to take when it is ready
   * @throws SheafException 42P04, 55006 the name is taken; 3D000, 55006, 55000 there is no parent
   *     that is ready; 53400 too many databases
   */
  public DatabaseRecord create(
      DatabaseName name,
      DatabaseRecord parent,
      Timestamp at,
      Optional<Takeover> takeover,
      Deadline deadline) {
    var branch =
        new DatabaseRecord(
            databases.ids().databaseId(name),
            name,
            DatabaseState.BRANCHING,
            databases.now(),
            databases.ids().token(),
            Optional.of(new Origin(parent.id(), at)),
            takeover,
            parent.window());
    while (true) {
      Entry entry = databases.require(parent);
      DatabaseRecord present = RegistryCodec.database(entry.key(), entry.value());
      checkReady(present);
      if (databases.add(branch, present, entry.modRevision())) {
        databases.awaitShown(branch, deadline);
        return branch;
      }
    }
  }

  /** 55006 unless the database can be branched. */
  public static void checkReady(DatabaseRecord parent) {
    switch (parent.state()) {
      case READY -> {
        // It has a past to branch.
      }
      case BRANCHING, CREATING ->
          throw new SheafException(
                  ErrorCode.OBJECT_IN_USE,
                  "database \"" + parent.name() + "\" is still being created")
              .withHint("Try again in a moment.");
      case DELETING ->
          throw new SheafException(
              ErrorCode.OBJECT_IN_USE, "database \"" + parent.name() + "\" is being deleted");
    }
  }

  /** Branches of a database that are not being deleted, as the store has them now. */
  public List<DatabaseRecord> children(DatabaseId parent) {
    return families().children(parent).stream()
        .filter(each -> each.state() != DatabaseState.DELETING)
        .toList();
  }

  /** As the store has them now. */
  public Families families() {
    return Families.of(databases.stored());
  }

  /**
   * Marks a database as deleting. Being that already is fine.
   *
   * @throws SheafException 2BP01 it has branches, which read what it stored
   */
  public DatabaseRecord markDeleting(DatabaseRecord database, Deadline deadline) {
    while (true) {
      Entry entry = databases.require(database);
      DatabaseRecord present = RegistryCodec.database(entry.key(), entry.value());
      if (present.state() == DatabaseState.DELETING) {
        return present;
      }
      checkNoChildren(present);
      DatabaseRecord next = present.in(DatabaseState.DELETING, databases.ids().token());
      if (databases.replace(next, entry.modRevision())) {
        databases.awaitShown(next, deadline);
        return next;
      }
    }
  }

  /** 2BP01 if it has branches. To be asked between reading its entry and replacing it. */
  public void checkNoChildren(DatabaseRecord database) {
    List<DatabaseRecord> children = children(database.id());
    if (!children.isEmpty()) {
      String names =
          children.stream()
              .limit(SHOWN_NAMES)
              .map(child -> child.name().value())
              .collect(Collectors.joining(", "));
      int more = children.size() - SHOWN_NAMES;
      throw new SheafException(
              ErrorCode.DEPENDENT_OBJECTS_STILL_EXIST,
              "database \"%s\" has branches: %s%s"
                  .formatted(database.name(), names, more > 0 ? " and " + more + " more" : ""))
          .withHint("They read what it stored: delete them first.");
    }
  }

  /** A name that nobody has: the prefix and something random. */
  public String newName(String prefix) {
    return prefix + "-" + databases.ids().token().substring(0, RANDOM_DIGITS);
  }

  /** Sets how much of the past is kept; 3D000 if the database is gone. */
  public DatabaseRecord keep(DatabaseRecord database, Duration window, Deadline deadline) {
    while (true) {
      Entry entry = databases.require(database);
      DatabaseRecord present = RegistryCodec.database(entry.key(), entry.value());
      DatabaseRecord next = present.keeping(window, databases.ids().token());
      if (databases.replace(next, entry.modRevision())) {
        databases.awaitShown(next, deadline);
        return next;
      }
    }
  }

  /**
   * Makes a branch ready that is to take another database's name: swaps the names at one moment. If
   * the name has another bearer by now, or that has branches of its own and was to be deleted, the
   * branch keeps its own name. Doing it again changes nothing.
   *
   * @param branch in state creating
   */
  public DatabaseRecord takeOver(DatabaseRecord branch, Deadline deadline) {
    while (true) {
      Entry entry = databases.require(branch);
      DatabaseRecord present = RegistryCodec.database(entry.key(), entry.value());
      if (present.state() != DatabaseState.CREATING || present.takeover().isEmpty()) {
        return present;
      }
      Takeover takeover = present.takeover().get();
      Optional<DatabaseRecord> bearer =
          databases.find(takeover.name()).filter(found -> mayBeReplaced(found, takeover));
      DatabaseRecord settled = present.settled(databases.ids().token());
      if (bearer.isEmpty()) {
        if (databases.replace(settled, entry.modRevision())) {
          databases.awaitShown(settled, deadline);
          return settled;
        }
        continue;
      }
      Entry theirs = databases.require(bearer.get());
      DatabaseRecord former = RegistryCodec.database(theirs.key(), theirs.value());
      if (!mayBeReplaced(former, takeover)) {
        continue;
      }
      DatabaseRecord renamed = former.named(present.name(), databases.ids().token());
      DatabaseRecord left =
          takeover.deletesBearer()
              ? renamed.in(DatabaseState.DELETING, databases.ids().token())
              : renamed;
      DatabaseRecord winner = settled.named(takeover.name(), settled.token());
      if (databases.replace(winner, theirs.modRevision(), left, entry.modRevision())) {
        databases.awaitShown(winner, deadline);
        databases.awaitShown(left, deadline);
        return winner;
      }
    }
  }

  private boolean mayBeReplaced(DatabaseRecord bearer, Takeover takeover) {
    return bearer.id().equals(takeover.bearer())
        && bearer.state() == DatabaseState.READY
        && !(takeover.deletesBearer() && !children(bearer.id()).isEmpty());
  }
}
