/**
 * Makes the AOT caches of the server and of the command line. {@link dev.sheaf.cli.train.Training}
 * starts both in JVMs that record, the command line with {@link dev.sheaf.cli.train.Practice}: what
 * a first hour of use would bring, in half a minute. {@link dev.sheaf.cli.train.IdleTraining} does
 * so by itself behind a server without a cache, once it has nothing to do.
 */
@NullMarked
package dev.sheaf.cli.train;

import org.jspecify.annotations.NullMarked;
