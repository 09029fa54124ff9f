/**
 * Coordination inside one process, for a laptop, a single server and tests.
 *
 * <p>{@link dev.sheaf.coordination.embedded.EmbeddedCoordination} is the adapter; {@code Facts} is
 * its state as a pure structure, {@code FactJournal} makes each change durable before it is
 * answered, {@code Watch} hands changes to one listener in order.
 */
@NullMarked
package dev.sheaf.coordination.embedded;

import org.jspecify.annotations.NullMarked;
