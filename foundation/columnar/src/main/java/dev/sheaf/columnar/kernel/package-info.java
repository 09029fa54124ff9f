/**
 * Loops over arrays: one static method per operation and type, without virtual calls, allocation or
 * data-dependent branches inside where that matters. Vectors and selections come in, vectors and
 * selections go out; operators and expressions are made of them.
 */
@NullMarked
package dev.sheaf.columnar.kernel;

import org.jspecify.annotations.NullMarked;
