/** The server, and this command line, as child processes: start, wait until ready, stop. */
@NullMarked
package dev.sheaf.cli.process;

import org.jspecify.annotations.NullMarked;
