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
import java.util.stream.Stream;

/**
 * Which databases branch off which, which backups there are of them, and how far back each can be
 * branched: part of the records of {@link DatabaseRegistry}. A branch's record is the branch point,
 * too: it is durable before anything is stored for the branch, and as long as anything is.
 * Thread-safe.
 */
public final class BranchRegistry {
  private static final int SHOWN_NAMES = 10;
  private static final int RANDOM_DIGITS = 10;

  private final DatabaseRegistry databases;

  public BranchRegistry(DatabaseRegistry databases) {
    this.databases = databases;
  }

  /**
   * What a branch begins with.
   *
   * @param source the parent; or a backup, to begin as that did
   * @param at of the parent; of a backup the moment at which it was taken
   */
  public record Start(DatabaseRecord source, Timestamp at) {
    /** As a backup. */
    public static Start of(DatabaseRecord backup) {
      return new Start(backup, backup.origin().orElseThrow().at());
    }

    private Origin origin() {
      return source.isBackup()
          ? new Origin(source.origin().orElseThrow().parent(), at, Optional.of(source.id()))
          : new Origin(source.id(), at);
    }
  }

  /**
   * Registers a branch or a backup, as the name says, in state branching.
   *
   * @param takeover whose name it is to take when it is ready
   * @param window how much of its past is to be kept; empty: as much as of every database
   * @throws SheafException 42P04 (of backups 42710), 55006 the name is taken; 3D000, 55006, 55000
   *     what it is to begin with is not there or not ready; 53400 too many databases
   */
  public DatabaseRecord create(
      DatabaseName name,
      Start start,
      Optional<Takeover> takeover,
      Optional<Duration> window,
      Deadline deadline) {
    var branch =
        new DatabaseRecord(
            databases.ids().databaseId(name),
            name,
            DatabaseState.BRANCHING,
            databases.now(),
            databases.ids().token(),
            Optional.of(start.origin()),
            takeover,
            window);
    while (true) {
      Entry entry = databases.require(start.source());
      DatabaseRecord present = RegistryCodec.database(entry.key(), entry.value());
      checkReady(present);
      if (databases.add(branch, present, entry.modRevision())) {
        databases.awaitShown(branch, deadline);
        return branch;
      }
    }
  }

  /** 55006 unless the database, or the backup, can be branched. */
  public static void checkReady(DatabaseRecord source) {
    switch (source.state()) {
      case READY -> {
        // It has a past to branch.
      }
      case BRANCHING, CREATING ->
          throw new SheafException(
                  ErrorCode.OBJECT_IN_USE, source.name().described() + " is still being created")
              .withHint("Try again in a moment.");
      case DELETING ->
          throw new SheafException(
              ErrorCode.OBJECT_IN_USE, source.name().described() + " is being deleted");
    }
  }

  /** Branches and backups of a database that are not being deleted, as the store has them now. */
  public List<DatabaseRecord> children(DatabaseId parent) {
    return present(families().children(parent));
  }

  private static List<DatabaseRecord> present(List<DatabaseRecord> records) {
    return records.stream().filter(each -> each.state() != DatabaseState.DELETING).toList();
  }

  /** As the store has them now. */
  public Families families() {
    return Families.of(databases.stored());
  }

  /**
   * Marks a database or a backup as deleting. Being that already is fine.
   *
   * @throws SheafException 2BP01 it has branches or backups, which read what it stored, or backups
   *     belong to its name; 55006 something is about to begin as the backup
   */
  public DatabaseRecord markDeleting(DatabaseRecord database, Deadline deadline) {
    while (true) {
      Entry entry = databases.require(database);
      DatabaseRecord present = RegistryCodec.database(entry.key(), entry.value());
      if (present.state() == DatabaseState.DELETING) {
        return present;
      }
      Families families = families();
      checkNone(present, present(families.children(present.id())));
      checkNone(present, present(families.backups(present.name())));
      List<DatabaseRecord> beginning = families.beginningAs(present.id());
      if (!beginning.isEmpty()) {
        throw new SheafException(
                ErrorCode.OBJECT_IN_USE,
                "%s is being read to begin %s"
                    .formatted(present.name().described(), beginning.getFirst().name().described()))
            .withHint("Try again in a moment.");
      }
      DatabaseRecord next = present.in(DatabaseState.DELETING, databases.ids().token());
      if (databases.replace(next, entry.modRevision())) {
        databases.awaitShown(next, deadline);
        return next;
      }
    }
  }

  /**
   * 2BP01 if it has branches or backups. To be asked between reading its entry and replacing it.
   */
  public void checkNoChildren(DatabaseRecord database) {
    checkNone(database, children(database.id()));
  }

  /**
   * @param dependents branches and backups
   */
  private static void checkNone(DatabaseRecord database, List<DatabaseRecord> dependents) {
    if (dependents.isEmpty()) {
      return;
    }
    List<DatabaseRecord> backups = dependents.stream().filter(DatabaseRecord::isBackup).toList();
    List<DatabaseRecord> branches = dependents.stream().filter(each -> !each.isBackup()).toList();
    String which =
        Stream.of(named("branches", branches), named("backups", backups))
            .filter(part -> !part.isEmpty())
            .collect(Collectors.joining(", and "));
    throw new SheafException(
            ErrorCode.DEPENDENT_OBJECTS_STILL_EXIST,
            "database \"%s\" has %s".formatted(database.name(), which))
        .withHint(
            backups.isEmpty()
                ? "They read what it stored: delete them first."
                : "They read what it stored: delete them first. A backup shop~NAME is deleted with"
                    + " ./sheaf backup delete shop NAME.");
  }

  private static String named(String what, List<DatabaseRecord> records) {
    if (records.isEmpty()) {
      return "";
    }
    String names =
        records.stream()
            .limit(SHOWN_NAMES)
            .map(each -> each.name().value())
            .collect(Collectors.joining(", "));
    int more = records.size() - SHOWN_NAMES;
    return what + ": " + names + (more > 0 ? " and " + more + " more" : "");
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
