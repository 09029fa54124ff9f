/**
 * All of Sheaf but processes, sockets and disks, in the JVM of a test: {@link
 * dev.sheaf.systemtests.inprocess.InProcessSheaf}.
 */
package dev.sheaf.systemtests.inprocess;
