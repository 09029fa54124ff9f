/**
 * The acceptor's shell. In: requests of the log protocol, for any log. Out: their replies, once
 * what they say is fsynced. {@link dev.sheaf.safekeeper.serve.Safekeeper} gives each log a pure
 * {@link dev.sheaf.log.Acceptor} and feeds the decisions of all of them to one journal.
 */
@NullMarked
package dev.sheaf.safekeeper.serve;

import org.jspecify.annotations.NullMarked;
