/** The server, and this command line, as child processes: start, wait until ready or done, stop. */
@NullMarked
package dev.sheaf.cli.process;

import org.jspecify.annotations.NullMarked;
