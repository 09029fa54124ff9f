/** The proposer's shell: quorum client and replay. */
@NullMarked
package dev.sheaf.pageserver.log;

import org.jspecify.annotations.NullMarked;
