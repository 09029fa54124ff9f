/**
 * Physical values to SQL text and back, as PostgreSQL writes and reads them.
 *
 * <p>{@link dev.sheaf.columnar.text.TextFormat} writes, {@link dev.sheaf.columnar.text.TextParser}
 * reads; numbers, dates and intervals each have their own parser behind it. Casts, CSV, the shell
 * and messages share them.
 */
@NullMarked
package dev.sheaf.columnar.text;

import org.jspecify.annotations.NullMarked;
