/** Servers and channels between processes: gRPC over Netty, and the in-process double. */
@NullMarked
package dev.sheaf.rpc;

import org.jspecify.annotations.NullMarked;
