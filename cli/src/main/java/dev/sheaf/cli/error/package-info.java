/** Failures that a user can understand, and exit codes. */
@NullMarked
package dev.sheaf.cli.error;

import org.jspecify.annotations.NullMarked;
