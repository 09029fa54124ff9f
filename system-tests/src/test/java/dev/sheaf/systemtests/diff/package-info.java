/**
 * SHOW DIFF over branches, in one process: a compute over a page server ({@code Family}), checked
 * against full scans of both sides.
 */
@org.jspecify.annotations.NullMarked
package dev.sheaf.systemtests.diff;
