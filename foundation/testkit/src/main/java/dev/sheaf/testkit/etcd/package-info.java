/**
 * A real etcd for tests: processes on free ports of 127.0.0.1, with their data in a folder of the
 * test. {@link dev.sheaf.testkit.etcd.EtcdCluster} starts one or several members; each {@link
 * dev.sheaf.testkit.etcd.EtcdMember} can be killed, paused, resumed and started again.
 */
@NullMarked
package dev.sheaf.testkit.etcd;

import org.jspecify.annotations.NullMarked;
