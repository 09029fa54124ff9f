/**
 * What stands between this process and the others. In: the plain interfaces that libraries call.
 * Out: the same, done by the framework: {@link dev.sheaf.server.edge.SmallRyeGuards} gives each
 * page server a circuit breaker, a bulkhead and a retry budget of its own.
 */
@NullMarked
package dev.sheaf.server.edge;

import org.jspecify.annotations.NullMarked;
