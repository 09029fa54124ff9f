package dev.sheaf.control.registry;

import dev.sheaf.protocol.DatabaseId;

/**
 * Whose name a branch is to take as soon as it can be connected to. The two names are swapped at
 * one moment.
 *
 * @param name the name to take
 * @param bearer who must bear it then; else the branch keeps its own name
 * @param deletesBearer whether the former bearer is not wanted any more
 */
public record Takeover(DatabaseName name, DatabaseId bearer, boolean deletesBearer) {}
