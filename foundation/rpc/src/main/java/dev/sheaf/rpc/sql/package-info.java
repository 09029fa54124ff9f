/** What a compute does for the protocol front. */
@NullMarked
package dev.sheaf.rpc.sql;

import org.jspecify.annotations.NullMarked;
