/**
 * Certificates for tests. In: a folder. Out: an authority and what it signs, as the PEM files and
 * trust stores that servers and drivers read, made by {@link
 * dev.sheaf.testkit.tls.TestCertificates}.
 */
@NullMarked
package dev.sheaf.testkit.tls;

import org.jspecify.annotations.NullMarked;
