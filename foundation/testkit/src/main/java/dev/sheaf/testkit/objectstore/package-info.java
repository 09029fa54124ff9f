/** What every adapter of the object store port must pass. */
@NullMarked
package dev.sheaf.testkit.objectstore;

import org.jspecify.annotations.NullMarked;
