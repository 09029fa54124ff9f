/** The server as a child process: start, wait until it is ready, stop. */
@NullMarked
package dev.sheaf.cli.process;

import org.jspecify.annotations.NullMarked;
