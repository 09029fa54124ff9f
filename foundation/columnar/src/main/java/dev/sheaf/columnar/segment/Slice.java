package dev.sheaf.columnar.segment;

/**
 * Rows {@code [from, from + count)} of a page.
 *
 * @param rows of the whole page
 */
record Slice(PageBody body, int rows, int from, int count) {}
