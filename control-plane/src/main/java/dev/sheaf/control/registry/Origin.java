package dev.sheaf.control.registry;

import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Timestamp;

/**
 * Where a branch comes from. As long as the branch is registered this is a branch point of the
 * parent: what the parent stored at {@code at} is needed.
 *
 * @param parent by id: its name may move
 * @param at the branch begins as the parent was then
 */
public record Origin(DatabaseId parent, Timestamp at) {}
