/**
 * AOT caches of the JVM: classes already parsed and linked, and profiles of hot methods, which let
 * a process start in a fraction of the time. In comes an application's jar; out come the flags that
 * make its JVM use its cache ({@link dev.sheaf.cli.aot.AotCache}) or make one ({@link
 * dev.sheaf.cli.aot.Recording}).
 */
@NullMarked
package dev.sheaf.cli.aot;

import org.jspecify.annotations.NullMarked;
