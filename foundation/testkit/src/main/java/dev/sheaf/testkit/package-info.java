/** Simulator, fakes, contract suites and architecture rules; used in test scope only. */
@NullMarked
package dev.sheaf.testkit;

import org.jspecify.annotations.NullMarked;
