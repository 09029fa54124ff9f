/** Port for put, ranged get, list and delete of objects, with its adapters. */
@NullMarked
package dev.sheaf.objectstore;

import org.jspecify.annotations.NullMarked;
