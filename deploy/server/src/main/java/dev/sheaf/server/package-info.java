/**
 * The one application: every role in one process, on local files.
 *
 * <p>In: {@link dev.sheaf.server.SheafConfig}. Out: a running database system, its addresses on
 * standard output, an {@link dev.sheaf.server.ExitCode} at the end. {@code ServerMain} checks the
 * configuration and takes the {@link dev.sheaf.server.DataFolder} before anything else runs; {@code
 * Standalone} starts and stops the roles in order, one {@code ...Role} class each; {@code
 * ServerBeans} hands what REST needs to the framework; {@link dev.sheaf.server.MemoryPlan} divides
 * the heap. {@code StoppedCheck} is the other thing that the program can do: look through a folder
 * that no server runs on.
 */
@NullMarked
package dev.sheaf.server;

import org.jspecify.annotations.NullMarked;
