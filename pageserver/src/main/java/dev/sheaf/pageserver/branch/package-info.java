/**
 * Branches: databases that begin as another one was at a timestamp.
 *
 * <p>In: a manifest of the parent that covers the timestamp. Out: the child's first manifest, which
 * names the parent's objects. {@link dev.sheaf.pageserver.branch.BranchCut} decides what of the
 * parent exists for the child, {@link dev.sheaf.pageserver.branch.BranchReferences} what has to
 * stay for it; {@code pageserver.serve} waits until the timestamp is covered. {@link
 * dev.sheaf.pageserver.branch.BackupStart} begins a branch as a backup did, which is a branch that
 * nobody opens.
 */
@NullMarked
package dev.sheaf.pageserver.branch;

import org.jspecify.annotations.NullMarked;
