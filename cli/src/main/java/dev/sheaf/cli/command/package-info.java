/** One class per command of ./sheaf. */
@NullMarked
package dev.sheaf.cli.command;

import org.jspecify.annotations.NullMarked;
