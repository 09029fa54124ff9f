/**
 * Broken networks for tests. {@code HttpFaultProxy} stands between a client and an HTTP/1.1 server
 * and does to each exchange what a {@code Fault} says; {@code HttpMessage} is one request or answer
 * on the wire.
 */
@NullMarked
package dev.sheaf.testkit.fault;

import org.jspecify.annotations.NullMarked;
