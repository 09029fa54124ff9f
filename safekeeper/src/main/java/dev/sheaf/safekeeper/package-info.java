/** Durable log: journals appended, fsynced and served. */
@NullMarked
package dev.sheaf.safekeeper;

import org.jspecify.annotations.NullMarked;
