package dev.sheaf.compute.exec;

import org.jspecify.annotations.Nullable;

/** Hands out the sorted rows of windows in sections. */
interface WindowSections extends AutoCloseable {
  /** How many threads may ask at once, at least 1. */
  int width();

  /**
   * The next section, null at the end.
   *
   * @param memory charged with all that the section needs
   */
  @Nullable WindowSection next(Reservation memory);

  @Override
  void close();
}
