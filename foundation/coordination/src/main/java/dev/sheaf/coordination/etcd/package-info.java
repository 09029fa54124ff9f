/**
 * Coordination on etcd. In: the port's calls; out: transactions, leases and watches of one etcd
 * cluster, below one namespace of it.
 *
 * <p>{@link dev.sheaf.coordination.etcd.EtcdCoordination} is the adapter and {@link
 * dev.sheaf.coordination.etcd.EtcdSettings} what it is told. {@code Connection} makes the calls,
 * each with a deadline and none repeated behind our back; {@code EtcdFailure} says what a failed
 * call may have done. {@code Reads} repeats what may be repeated, {@code Commits} decides unknown
 * outcomes by means of {@code Receipts}, {@code RenewedLease} keeps a lease alive, {@code
 * FactWatch} follows a prefix through {@code EventStream}s. {@code Keys} is the layout in etcd.
 */
@NullMarked
package dev.sheaf.coordination.etcd;

import org.jspecify.annotations.NullMarked;
