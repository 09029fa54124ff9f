/**
 * What operators ask about what databases have stored. In: a database's name. Out: what the owner
 * of its root shard finds or would do. {@link dev.sheaf.control.inspect.Inspections} does it.
 */
@NullMarked
package dev.sheaf.control.inspect;

import org.jspecify.annotations.NullMarked;
