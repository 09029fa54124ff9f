/**
 * What stands before calls to another process: a {@link dev.sheaf.rpc.guard.CallGuard} per target
 * that refuses before harm is done. Callers know the interface; which library does it is decided
 * where the process is wired.
 */
@NullMarked
package dev.sheaf.rpc.guard;

import org.jspecify.annotations.NullMarked;
