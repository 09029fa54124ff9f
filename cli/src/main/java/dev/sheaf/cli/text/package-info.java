/** Splitting of SQL text and printing of results. */
@NullMarked
package dev.sheaf.cli.text;

import org.jspecify.annotations.NullMarked;
