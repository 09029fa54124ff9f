/** Types, batches over Arrow, kernels, expressions and the segment format. */
@NullMarked
package dev.sheaf.columnar;

import org.jspecify.annotations.NullMarked;
