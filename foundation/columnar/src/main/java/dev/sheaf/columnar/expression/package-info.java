/** Scalar expressions and aggregate functions: their shapes and evaluation. */
@NullMarked
package dev.sheaf.columnar.expression;

import org.jspecify.annotations.NullMarked;
