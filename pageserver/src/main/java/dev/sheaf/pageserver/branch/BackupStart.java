package dev.sheaf.pageserver.branch;

import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.pageserver.manifest.Manifest;
import dev.sheaf.pageserver.manifest.ManifestStore;
import dev.sheaf.pageserver.manifest.ShardObjects;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;

/**
 * Lets a shard begin as a backup did. A backup is a branch that nobody opens: it has the first
 * manifest of a branch, and nothing else ever. What that names stays, whatever became of it in the
 * parent; see {@link BranchReferences}.
 *
 * <pre>
 * parent   ---------T------------------->            forgets T
 * backup            |manifest 0-0
 * child             |copy of it --------->           a branch of the parent, as the backup is one
 * </pre>
 *
 * <p>The child's manifest has the parent among its ancestors and not the backup, so the backup can
 * go once the child has begun. Until then the registry must keep it, and must know the child.
 */
public final class BackupStart {
  private BackupStart() {}

  /**
   * Writes the child's first manifest; costs memory for the list of segments. Idempotent, as long
   * as the child is still to be opened.
   *
   * @throws SheafException XX001 the backup's manifest is absent or damaged; 22023 a child that is
   *     no other database's root shard
   */
  public static void write(ObjectStore objects, ShardId backup, ShardId child) {
    if (child.database().equals(backup.database()) || child.number() != 0) {
      throw new SheafException(
          ErrorCode.INVALID_PARAMETER_VALUE, child + " cannot begin as " + backup);
    }
    var names = new ShardObjects(backup);
    Manifest first = new ManifestStore(objects, names).read(names.manifest(Term.NONE, 0));
    new ManifestStore(objects, new ShardObjects(child)).begin(of(first, child));
  }

  /** Pure. */
  static Manifest of(Manifest first, ShardId child) {
    return new Manifest(
        child,
        Term.NONE,
        0,
        Lsn.ZERO,
        first.newestCommit(),
        first.segments(),
        first.deletes(),
        first.catalog(),
        first.outcomes(),
        first.ancestors(),
        first.readable());
  }
}
