/** Ids, keys, timestamps, log records, errors and the wire contracts between processes. */
@NullMarked
package dev.sheaf.protocol;

import org.jspecify.annotations.NullMarked;
