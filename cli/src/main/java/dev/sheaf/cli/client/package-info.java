/** The Flight SQL client under shell and demo: one session, its results and errors. */
@NullMarked
package dev.sheaf.cli.client;

import org.jspecify.annotations.NullMarked;
