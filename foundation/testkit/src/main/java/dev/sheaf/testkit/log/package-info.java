/**
 * Doubles of the safekeeper. {@link dev.sheaf.testkit.log.SafekeeperContract} is what every
 * safekeeper, near or far, must do; {@link dev.sheaf.testkit.log.MemorySafekeeper} does it without
 * a disk.
 */
@NullMarked
package dev.sheaf.testkit.log;

import org.jspecify.annotations.NullMarked;
