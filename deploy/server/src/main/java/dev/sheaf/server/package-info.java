/** The one Quarkus application: every role, chosen when it starts. */
@NullMarked
package dev.sheaf.server;

import org.jspecify.annotations.NullMarked;
