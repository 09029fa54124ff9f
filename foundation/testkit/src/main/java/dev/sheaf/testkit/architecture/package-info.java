/**
 * The rules of the code's structure that the compiler cannot check. In come the classes of a
 * module, out come one test per rule; every service has an {@code ArchitectureTest} of a few lines
 * that calls {@link dev.sheaf.testkit.architecture.ArchRules#tests}.
 */
@NullMarked
package dev.sheaf.testkit.architecture;

import org.jspecify.annotations.NullMarked;
