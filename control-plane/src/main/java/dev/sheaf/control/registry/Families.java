package dev.sheaf.control.registry;

import dev.sheaf.protocol.DatabaseId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Databases at one moment, by id and by what they branch off. Immutable. */
public final class Families {
  private final Map<DatabaseId, DatabaseRecord> byId;
  private final Map<DatabaseId, List<DatabaseRecord>> children;

  private Families(
      Map<DatabaseId, DatabaseRecord> byId, Map<DatabaseId, List<DatabaseRecord>> children) {
    this.byId = byId;
    this.children = children;
  }

  static Families of(Collection<DatabaseRecord> databases) {
    var byId = new HashMap<DatabaseId, DatabaseRecord>();
    var children = new HashMap<DatabaseId, List<DatabaseRecord>>();
    for (DatabaseRecord each : databases) {
      byId.put(each.id(), each);
      each.origin()
          .ifPresent(origin ->
              children.computeIfAbsent(origin.parent(), id -> new ArrayList<>()).add(each));
    }
    return new Families(byId, children);
  }

  /** Null if there is none. */
  public @Nullable DatabaseRecord database(DatabaseId id) {
    return byId.get(id);
  }

  /** Branches and backups of the database itself, whatever their state, sorted by name. */
  public List<DatabaseRecord> children(DatabaseId parent) {
    return children.getOrDefault(parent, List.of());
  }

  /** Its branches and backups, those of its branches, and so on, whatever their state. */
  public List<DatabaseRecord> descendants(DatabaseId ancestor) {
    var found = new ArrayList<DatabaseRecord>();
    var ahead = new ArrayDeque<>(children(ancestor));
    while (!ahead.isEmpty()) {
      DatabaseRecord next = ahead.remove();
      found.add(next);
      ahead.addAll(children(next.id()));
    }
    return found;
  }

  /** Backups that belong to the name of a database, whatever their state, sorted by name. */
  public List<DatabaseRecord> backups(DatabaseName database) {
    return byId.values().stream()
        .filter(each -> each.isBackup() && each.name().database().equals(database))
        .sorted(Comparator.comparing(DatabaseRecord::name))
        .toList();
  }

  /** Databases whose first manifest is still to be written, as that of the backup. */
  public List<DatabaseRecord> beginningAs(DatabaseId backup) {
    return byId.values().stream()
        .filter(each ->
            each.state() == DatabaseState.BRANCHING
                && each.origin().flatMap(Origin::backup).filter(backup::equals).isPresent())
        .sorted(Comparator.comparing(DatabaseRecord::name))
        .toList();
  }

  /** The database at the root of its family: itself, if it is no branch. */
  public DatabaseRecord first(DatabaseRecord database) {
    DatabaseRecord first = database;
    while (first.origin().isPresent()) {
      DatabaseRecord parent = byId.get(first.origin().get().parent());
      if (parent == null) {
        return first;
      }
      first = parent;
    }
    return first;
  }
}
