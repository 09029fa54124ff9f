package dev.sheaf.control.registry;

import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Timestamp;
import java.util.Optional;

/**
 * Where a branch comes from. As long as the branch is registered this is a branch point of the
 * parent: what the parent stored at {@code at} is needed.
 *
 * @param parent by id: its name may move. Never a backup: what begins as a backup of a database did
 *     is a branch of that database
 * @param at the branch begins as the parent was then
 * @param backup whose first manifest it begins with, because the parent may have forgotten that
 *     time; empty: the parent is asked
 */
public record Origin(DatabaseId parent, Timestamp at, Optional<DatabaseId> backup) {

  /** As the parent itself has it. */
  public Origin(DatabaseId parent, Timestamp at) {
    this(parent, at, Optional.empty());
  }
}
