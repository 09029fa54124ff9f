package dev.sheaf.compute.diff;

/** How a row differs, seen from the first side. */
enum Change {
  ADDED,
  REMOVED,
  CHANGED
}
