/** Decides who owns what and when computes run. */
@NullMarked
package dev.sheaf.control;

import org.jspecify.annotations.NullMarked;
