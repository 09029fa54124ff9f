/** The replicated log's pure state machines: proposer and acceptor. */
@NullMarked
package dev.sheaf.log;

import org.jspecify.annotations.NullMarked;
