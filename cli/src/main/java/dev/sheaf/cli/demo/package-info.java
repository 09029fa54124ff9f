/** The demonstrations: real data, loaded and queried. */
@NullMarked
package dev.sheaf.cli.demo;

import org.jspecify.annotations.NullMarked;
