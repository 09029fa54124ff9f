/** The way SQL comes in: sessions, authentication, type mapping, wake-up. */
@NullMarked
package dev.sheaf.flightsql;

import org.jspecify.annotations.NullMarked;
