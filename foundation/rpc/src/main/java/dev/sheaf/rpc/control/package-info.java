/** What the control plane tells the other services. */
@NullMarked
package dev.sheaf.rpc.control;

import org.jspecify.annotations.NullMarked;
